import { expect } from 'chai'
import { mutatedSource } from '../../mutation/mutant.ts'
import { mutants, sampleOf } from '../../mutation/mutants.ts'
import { isExpected, tryMutants } from '../../mutation/mutate.ts'

describe('Mutants', () => {
  it('still fit the sources: the text of every fault is there once', () => {
    expect(mutants.length).to.be.greaterThan(60)
    for (const mutant of mutants) expect(mutatedSource(mutant), mutant.name).to.not.equal('')
    expect(new Set(mutants.map(({ file, name }) => `${file} ${name}`)).size).to.equal(mutants.length)
  })

  // Minutes on a slow machine; all of them: node contracts/mutation/mutate.ts
  if (process.env.CI || process.env.DUCKMESH_MUTATION) {
    it('of a sample are killed', async function () {
      this.timeout(600_000)
      const sample = sampleOf(6, Number(process.env.DUCKMESH_MUTATION ?? 0))
      const results = await tryMutants(sample, () => undefined)
      expect(results.filter((result) => !isExpected(result))).to.deep.equal([])
    })
  }
})
