import { expect } from 'chai'
import type { BaseContract, ContractMethod } from 'ethers'
import { hashStruct } from 'viem'
import { buildEpoch, type EpochLeaf, proveLeaf } from '../../../protocol/src/epochs/epoch.ts'
import { leafHash, rootOf } from '../../../protocol/src/epochs/sumTree.ts'
import { creditNoteTypes, epochVoucherTypes } from '../../../protocol/src/epochs/typedData.ts'
import { randomOf } from '../differential/random.ts'
import { ethers } from '../support/mesh.ts'

type Harness = BaseContract &
  Record<'leafHash' | 'climb' | 'intervalOf' | 'hashVoucher' | 'hashNote', ContractMethod>

async function deployHarness(): Promise<Harness> {
  return (await ethers.deployContract('EpochHarness')) as unknown as Harness
}

/** `count` different pairs out of `accounts` purses and providers. */
function randomLeaves(seed: number, count: number, accounts: number): EpochLeaf[] {
  const random = randomOf(seed)
  const pairs = new Map<string, EpochLeaf>()
  while (pairs.size < count) {
    const purseId = 1 + random.below(accounts)
    const providerId = 1 + random.below(accounts)
    pairs.set(`${purseId} ${providerId}`, { purseId, providerId, amountWei: 1n + random.wei(100) })
  }
  return [...pairs.values()]
}

describe('Epochs: Solidity and TypeScript agree', () => {
  for (const [seed, count] of [1, 2, 3, 5, 6, 7, 12, 17, 31, 32, 33].entries()) {
    it(`on a random tree of ${count} leaves: hashes, paths, intervals`, async () => {
      const harness = await deployHarness()
      const epoch = buildEpoch(randomLeaves(seed, count, 9))
      for (const side of ['debits', 'credits'] as const) {
        const { leaves, tree, totals, packed, fromWei } = epoch[side]
        const root = rootOf(tree)
        for (const [index, { purseId, providerId, amountWei }] of leaves.entries()) {
          const ids = side === 'debits' ? [purseId, providerId] : [providerId, purseId]
          const hash = await harness.leafHash(ids[0], ids[1], amountWei)
          expect(hash).to.equal(leafHash(ids[0], ids[1], amountWei))
          const { path } = proveLeaf(epoch[side], index)
          const climbed = await harness.climb(hash, amountWei, path, root.hash, root.sumWei)
          expect(climbed.toArray()).to.deep.equal([true, fromWei[index]])
          const tooMuch = await harness.climb(hash, amountWei + 1n, path, root.hash, root.sumWei)
          expect(tooMuch.ok).to.equal(false)
        }
        let sumWei = 0n
        for (const { id, amountWei } of totals) {
          const interval = await harness.intervalOf(packed, id)
          expect(interval.toArray()).to.deep.equal([sumWei, sumWei + amountWei])
          sumWei += amountWei
        }
        expect((await harness.intervalOf(packed, 77)).toArray()).to.deep.equal([0n, 0n])
      }
    })
  }

  it('on random leaves of a tree of 10,000', async () => {
    const harness = await deployHarness()
    const { credits } = buildEpoch(randomLeaves(99, 10_000, 120))
    const root = rootOf(credits.tree)
    for (const index of [0, 1, 4_999, 8_191, 8_192, 9_998, 9_999]) {
      const { purseId, providerId, amountWei, path } = proveLeaf(credits, index)
      const climbed = await harness.climb(
        leafHash(providerId, purseId, amountWei),
        amountWei,
        path,
        root.hash,
        root.sumWei,
      )
      expect(climbed.toArray()).to.deep.equal([true, credits.fromWei[index]])
    }
  })

  it('on the hashes of vouchers and notes, also at the largest values', async () => {
    const harness = await deployHarness()
    const [id, wei] = [2 ** 32 - 1, 2n ** 96n - 1n]
    for (const [number, amount] of [
      [7, 1n],
      [id, wei],
    ] as const) {
      const voucher = {
        coordinatorId: number,
        serial: number,
        purseId: number,
        providerId: number,
        maxWei: amount,
      }
      const note = { coordinatorId: number, serial: number, providerId: number, totalWei: amount }
      expect(await harness.hashVoucher(voucher)).to.equal(
        hashStruct({ data: voucher, types: epochVoucherTypes, primaryType: 'EpochVoucher' }),
      )
      expect(await harness.hashNote(note)).to.equal(
        hashStruct({ data: note, types: creditNoteTypes, primaryType: 'CreditNote' }),
      )
    }
  })
})
