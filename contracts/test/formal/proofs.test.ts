import { expect } from 'chai'
import { models } from '../../formal/models.ts'
import { prove } from '../../formal/prove.ts'
import { findZ3 } from '../../formal/solver.ts'
import { changedSources } from '../../formal/sources.ts'

describe('Formal models', () => {
  const z3 = findZ3()

  it('are those of the sources as they are', () => {
    expect(changedSources()).to.deep.equal([])
  })

  for (const model of models) {
    it(`${model.contract}: every assertion is proved, and not with a bug in it`, async function () {
      // Without z3 there is no proof: the run counts this test as skipped (Debian: apt-get install -y z3).
      if (!z3) return this.skip()
      this.timeout(900_000)
      const { proved, unproved } = await prove(z3, model)
      expect(unproved).to.deep.equal([])
      expect(proved).to.be.greaterThan(0)
      // The others are tried by `node contracts/formal/prove.ts`.
      const [bug] = model.bugs
      const seeded = await prove(z3, model, bug)
      expect(seeded.refuted, bug?.name).to.equal(true)
    })
  }
})
