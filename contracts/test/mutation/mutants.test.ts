import { expect } from 'chai'
import { mutatedSource } from '../../mutation/mutant.ts'
import { mutants } from '../../mutation/mutants.ts'
import { faultOf, keyOf, readRecords } from '../../mutation/results.ts'

describe('Mutants', () => {
  it('still fit the sources: the text of every fault is there once', () => {
    for (const mutant of mutants) expect(mutatedSource(mutant), mutant.name).to.not.equal('')
    expect(new Set(mutants.map(keyOf)).size).to.equal(mutants.length)
  })

  it('were all tried as they are, and noticed unless there is a reason', () => {
    const records = readRecords()
    expect([...records.keys()]).to.deep.equal(mutants.map(keyOf))
    for (const mutant of mutants) {
      const record = records.get(keyOf(mutant))
      expect(record?.fault, mutant.name).to.equal(faultOf(mutant))
      expect(record?.outcome === 'killed', mutant.name).to.equal(mutant.survives === undefined)
    }
  })
})
