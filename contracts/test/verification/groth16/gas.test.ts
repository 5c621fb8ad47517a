import { expect } from 'chai'
import { encodeGroth16Claim } from '../../../../protocol/src/groth16/claim.ts'
import { gasOf } from '../../support/gasOf.ts'
import { expectSnapshot } from '../../support/gasSnapshot.ts'
import {
  batchOf,
  changed,
  claimOf,
  factors,
  hashesOf,
  hiddenProduct,
  product,
  Q,
  R,
  readFixture,
  verifierFixture,
} from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'

/** Four pairings, and for one input a multiplication and an addition, at the prices of EIP-1108. */
const FLOOR_1_INPUT = 181_000n + 6_150n
/** Hard ceilings, in gas. */
const CEILINGS: Record<string, bigint> = {
  'verify, 1 input, execution': (FLOOR_1_INPUT * 103n) / 100n,
  'verifyBatch, per proof of 32, execution': 55_000n,
  'verify, worst garbage, execution': 450_000n,
}

const measured: Record<string, bigint> = {}

describe('Gas of Groth16', () => {
  for (const { keyId, proofs } of [factors, hiddenProduct, product]) {
    const [{ words, signals }] = proofs
    const label = `verify, ${signals.length} input${signals.length === 1 ? '' : 's'}`
    it(`of ${label}`, async () => {
      const verifier = await networkHelpers.loadFixture(verifierFixture)
      expect(await verifier.verify(keyId, words, signals)).to.equal(true)
      const { whole, execution } = await gasOf(verifier, 'verify', [keyId, words, signals])
      measured[label] = whole
      measured[`${label}, execution`] = execution
    })
  }

  for (const count of [1, 2, 8, 32, 64]) {
    it(`of a batch of ${count}`, async () => {
      const verifier = await networkHelpers.loadFixture(verifierFixture)
      const { keyId, proofs, inputs } = batchOf(count)
      const { whole, execution } = await gasOf(verifier, 'verifyBatch', [keyId, proofs, inputs])
      measured[`verifyBatch, per proof of ${count}`] = whole / BigInt(count)
      measured[`verifyBatch, per proof of ${count}, execution`] = execution / BigInt(count)
    })
  }

  it('of garbage, of every kind', async () => {
    const verifier = await networkHelpers.loadFixture(verifierFixture)
    const [{ words, signals }] = product.proofs
    const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
    const withB = (b: bigint[]) => [...words.slice(0, 2), ...b, ...words.slice(6)]
    const kinds: Record<string, [words: bigint[], signals: bigint[]]> = {
      'A off the curve': [changed(words, 0, (x) => x + 1n), signals],
      'A out of the field': [changed(words, 0, (x) => x + Q), signals],
      'C off the curve': [changed(words, 6, (x) => x + 1n), signals],
      'B out of the field': [changed(words, 5, (y) => y + Q), signals],
      'B off the twist': [changed(words, 5, (y) => y + 1n), signals],
      'B outside the group': [withB(outside), signals],
      'an input out of the field': [words, changed(signals, 3, (input) => input + R)],
      'ones everywhere': [words.map(() => 1n), signals],
      'another statement': [words, changed(signals, 0, (input) => input + 1n)],
    }
    const costs: bigint[] = []
    for (const [kind, [badWords, badSignals]] of Object.entries(kinds)) {
      expect(await verifier.verify(product.keyId, badWords, badSignals), kind).to.equal(false)
      const { execution } = await gasOf(verifier, 'verify', [product.keyId, badWords, badSignals])
      measured[`verify, ${kind}, execution`] = execution
      costs.push(execution)
    }
    measured['verify, worst garbage, execution'] = costs.reduce((worst, cost) =>
      cost > worst ? cost : worst,
    )
  })

  it('of a batch of 32 with one point B outside its group', async () => {
    const verifier = await networkHelpers.loadFixture(verifierFixture)
    const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
    const { words } = hiddenProduct.proofs[31]
    const { keyId, proofs, inputs } = batchOf(32, {
      31: { words: [...words.slice(0, 2), ...outside, ...words.slice(6)] },
    })
    const { execution } = await gasOf(verifier, 'verifyBatch', [keyId, proofs, inputs])
    measured['verifyBatch, 32 proofs with worst garbage, execution'] = execution
  })

  it('of the adapter', async () => {
    const verifier = await networkHelpers.loadFixture(verifierFixture)
    const adapter = await ethers.deployContract('Groth16Adapter', [await verifier.getAddress()])
    const { inputHash, outputHash } = hashesOf(claimOf())
    const args = [inputHash, outputHash, '0x', encodeGroth16Claim(claimOf())]
    const { whole, execution } = await gasOf(adapter, 'verify', args)
    measured['adapter, 4 signals'] = whole
    measured['adapter, 4 signals, execution'] = execution
  })

  for (const { key, proofs } of [factors, product]) {
    it(`of a key with ${proofs[0].signals.length} inputs`, async () => {
      const fresh = await ethers.deployContract('Groth16Verifier')
      const { whole } = await gasOf(fresh, 'registerKey', [key])
      measured[`registerKey, ${proofs[0].signals.length} input${proofs[0].signals.length === 1 ? '' : 's'}`] =
        whole
    })
  }

  it('stays within 2 % of the committed figures and under the ceilings', async () => {
    await expectSnapshot('gas-groth16', measured, CEILINGS)
  })
})
