import { expect } from 'chai'
import {
  buildEpoch,
  type EpochData,
  type EpochLeaf,
  type Side,
  sides,
} from '../../../protocol/src/epochs/epoch.ts'
import {
  buildSumTree,
  leafHash,
  parentOf,
  proveNode,
  rootOf,
  type SumNode,
  type SumTree,
} from '../../../protocol/src/epochs/sumTree.ts'
import { packTotals, type Total } from '../../../protocol/src/epochs/totals.ts'
import {
  EpochStatus,
  expectConserved,
  expectProvenWrong,
  LEAVES,
  leaf,
  loadEpochWorld,
  post,
  postData,
  proofOf,
  statusOf,
} from '../support/epochs.ts'
import { connect, DUCK } from '../support/mesh.ts'

const nodesOf = (side: Side, leaves: readonly EpochLeaf[]): SumNode[] =>
  leaves.map(({ purseId, providerId, amountWei }) => ({
    hash:
      side === 'debits' ? leafHash(purseId, providerId, amountWei) : leafHash(providerId, purseId, amountWei),
    sumWei: amountWei,
  }))

/** An epoch in which the leaves of one side are put in by hand, in any order and number. */
function withLeaves(data: EpochData, side: Side, leaves: EpochLeaf[]): EpochData {
  const tree = buildSumTree(nodesOf(side, leaves))
  const fromWei = leaves.map((_, index) =>
    leaves.slice(0, index).reduce((sum, { amountWei }) => sum + amountWei, 0n),
  )
  return { ...data, [side]: { ...data[side], leaves, fromWei, tree, root: rootOf(tree).hash } }
}

/** The tree again, with `moreWei` put on the claimed sum of one node, and everything above it made to fit. */
function inflated(tree: SumTree, level: number, index: number, moreWei: bigint): SumTree {
  const levels = tree.map((nodes) => [...nodes])
  const node = levels[level][index]
  levels[level][index] = { ...node, sumWei: node.sumWei + moreWei }
  for (let above = level + 1; above < levels.length; above++) {
    const below = levels[above - 1]
    levels[above] = levels[above].map((_, i) => {
      const [left, right] = [below[2 * i], below[2 * i + 1]]
      return right ? parentOf(left, right) : left
    })
  }
  return levels
}

/** Totals of which the first is larger, so that they have the sum that the tree claims. */
const withMore = ([first, ...rest]: readonly Total[], moreWei: bigint) =>
  packTotals([{ ...first, amountWei: first.amountWei + moreWei }, ...rest])

describe('EpochSettler: proof of a bad sum', () => {
  // Six leaves: levels of 6, 3, 2 and 1 nodes. The last node of level 1 moves up to level 2 as it is.
  const cases: [level: number, index: number][] = [
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 0],
    [3, 0],
  ]
  for (const [level, index] of cases) {
    for (const side of ['debits', 'credits'] as const) {
      it(`reverts: ${side}, node ${index} of level ${level} claims more than its children have`, async () => {
        const world = await loadEpochWorld()
        const data = buildEpoch(LEAVES)
        const tree = inflated(data[side].tree, level, index, DUCK)
        const debits = withMore(data.debits.totals, DUCK)
        const credits = withMore(data.credits.totals, DUCK)
        const posted = await postData(world, data, { [`${side}Root`]: rootOf(tree).hash, debits, credits })
        const node = proveNode(tree, index, level)
        await connect(world.settler, world.stranger).proveBadSum(posted.header, sides[side], node)
        expect(await statusOf(world, posted)).to.equal(EpochStatus.reverted)
        await world.settler.refundDebits(posted.header, debits, 10)
        await expectConserved(world)
      })
    }
  }

  it('does not touch a right epoch', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    for (const [level, index] of cases) {
      const node = proveNode(posted.data.debits.tree, index, level)
      await expect(world.settler.proveBadSum(posted.header, 0, node)).to.be.revertedWithCustomError(
        world.settler,
        'NothingWrong',
      )
      for (const change of [
        { claimedWei: 1n },
        { leftWei: 1n },
        { rightWei: 1n },
        { leftHash: node.rightHash },
      ]) {
        await expect(world.settler.proveBadSum(posted.header, 0, { ...node, ...change }))
          .to.be.revertedWithCustomError(world.settler, 'BadLeaf')
          .withArgs(sides.debits)
      }
    }
  })
})

describe('EpochSettler: proof of a bad order', () => {
  for (const side of ['debits', 'credits'] as const) {
    it(`reverts: two ${side} change places`, async () => {
      const world = await loadEpochWorld()
      const honest = buildEpoch(LEAVES)
      const [first, second, ...rest] = honest[side].leaves
      const posted = await postData(world, withLeaves(honest, side, [second, first, ...rest]))
      await connect(world.settler, world.stranger).proveBadOrder(
        posted.header,
        sides[side],
        proofOf(posted, side, 0),
        proofOf(posted, side, 1),
      )
      await expectProvenWrong(world, posted)
    })

    it(`reverts: one pair is in the ${side} twice`, async () => {
      const world = await loadEpochWorld()
      const honest = buildEpoch([leaf(1, 1, 20), leaf(2, 2, 40)])
      const halves = [leaf(1, 1, 10), leaf(1, 1, 10), leaf(2, 2, 40)]
      const posted = await postData(world, withLeaves(honest, side, halves))
      await connect(world.settler, world.stranger).proveBadOrder(
        posted.header,
        sides[side],
        proofOf(posted, side, 0),
        proofOf(posted, side, 1),
      )
      await expectProvenWrong(world, posted)
    })
  }

  it('does not touch a right epoch, whichever two leaves are shown', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    for (const side of ['debits', 'credits'] as const) {
      for (const [left, right] of [
        [0, 1],
        [1, 0],
        [2, 2],
        [0, 5],
        [5, 0],
      ]) {
        await expect(
          world.settler.proveBadOrder(
            posted.header,
            sides[side],
            proofOf(posted, side, left),
            proofOf(posted, side, right),
          ),
        ).to.be.revertedWithCustomError(world.settler, 'NothingWrong')
      }
    }
  })

  it('needs leaves of the tree', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const good = proofOf(posted, 'debits', 0)
    const bad = { ...proofOf(posted, 'debits', 1), amountWei: 1n }
    for (const [left, right] of [
      [good, bad],
      [bad, good],
    ]) {
      await expect(world.settler.proveBadOrder(posted.header, 0, left, right)).to.be.revertedWithCustomError(
        world.settler,
        'BadLeaf',
      )
    }
  })
})

describe('EpochSettler: proof of bad totals', () => {
  const shifted: [string, Side, (wei: bigint, index: number) => bigint, number][] = [
    ['a purse pays one wei more than its leaves', 'debits', (wei, i) => wei + [1n, -1n, 0n][i], 2],
    ['a purse pays one wei less than its leaves', 'debits', (wei, i) => wei + [-1n, 1n, 0n][i], 1],
    ['a provider earns more than its leaves', 'credits', (wei, i) => wei + [DUCK, -DUCK, 0n][i], 2],
    ['the last provider earns one wei more', 'credits', (wei, i) => wei + [0n, -1n, 1n][i], 3],
  ]
  for (const [what, side, change, index] of shifted) {
    it(`reverts: ${what}`, async () => {
      const world = await loadEpochWorld()
      const data = buildEpoch(LEAVES)
      const totals = data[side].totals.map(({ id, amountWei }, i) => ({
        id,
        amountWei: change(amountWei, i),
      }))
      const packed = packTotals(totals)
      const posted = await postData(world, { ...data, [side]: { ...data[side], packed } })
      await connect(world.settler, world.stranger).proveBadTotals(
        posted.header,
        sides[side],
        proofOf(posted, side, index),
        packed,
      )
      await expectProvenWrong(world, posted)
    })
  }

  it('reverts: the leaves of one provider are credited to another', async () => {
    const world = await loadEpochWorld()
    const data = buildEpoch(LEAVES)
    const packed = packTotals(data.credits.totals.map(({ id, amountWei }) => ({ id: id + 3, amountWei })))
    const posted = await postData(world, { ...data, credits: { ...data.credits, packed } })
    await connect(world.settler, world.stranger).proveBadTotals(
      posted.header,
      sides.credits,
      proofOf(posted, 'credits', 0),
      packed,
    )
    await expectProvenWrong(world, posted)
  })

  it('does not touch a right epoch, whichever leaf is shown', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    for (const side of ['debits', 'credits'] as const) {
      for (const [index] of LEAVES.entries()) {
        const proof = proofOf(posted, side, index)
        await expect(
          world.settler.proveBadTotals(posted.header, sides[side], proof, posted.data[side].packed),
        ).to.be.revertedWithCustomError(world.settler, 'NothingWrong')
      }
    }
  })

  it('needs the list of that side', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const proof = proofOf(posted, 'debits', 0)
    await expect(
      world.settler.proveBadTotals(posted.header, 0, proof, posted.data.credits.packed),
    ).to.be.revertedWithCustomError(world.settler, 'TotalsMismatch')
  })
})
