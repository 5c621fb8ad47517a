import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerAt, buildEpoch, type EpochLeaf, leafAt, proveLeaf } from './epoch.ts'
import { climb, leafHash, rootOf } from './sumTree.ts'
import { packTotals, unpackTotals } from './totals.ts'

/** Pairs of `purses` purses and 7 providers. */
const leavesOf = (count: number, purses = 5): EpochLeaf[] =>
  Array.from({ length: count }, (_, i) => ({
    purseId: 1 + (i % purses),
    providerId: 1 + Math.floor(i / purses),
    amountWei: BigInt(1 + ((i * 7919) % 1000)),
  }))

for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 31, 33]) {
  test(`${count} leaves: every leaf is provable on both sides and covers its wei`, () => {
    const epoch = buildEpoch(leavesOf(count))
    for (const side of ['debits', 'credits'] as const) {
      const root = rootOf(epoch[side].tree)
      assert.equal(root.sumWei, epoch.totalWei)
      for (const [index, leaf] of epoch[side].leaves.entries()) {
        const ids =
          side === 'debits'
            ? ([leaf.purseId, leaf.providerId] as const)
            : ([leaf.providerId, leaf.purseId] as const)
        const node = { hash: leafHash(...ids, leaf.amountWei), sumWei: leaf.amountWei }
        const { path } = proveLeaf(epoch[side], index)
        assert.equal(climb(node, path, root), epoch[side].fromWei[index])
      }
    }
  })
}

test('totals are the sums of the leaves of each account, ascending, and equal on both sides', () => {
  const leaves = leavesOf(33)
  const epoch = buildEpoch(leaves.toReversed())
  for (const side of ['debits', 'credits'] as const) {
    const key = side === 'debits' ? 'purseId' : 'providerId'
    for (const { id, amountWei } of epoch[side].totals) {
      const own = leaves.filter((leaf) => leaf[key] === id)
      assert.equal(
        amountWei,
        own.reduce((sum, leaf) => sum + leaf.amountWei, 0n),
      )
    }
    const ids = epoch[side].totals.map(({ id }) => id)
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    )
    assert.equal(
      epoch[side].totals.reduce((sum, { amountWei }) => sum + amountWei, 0n),
      epoch.totalWei,
    )
  }
})

test('the first and the last wei of a leaf lead to it, the wei after the total to none', () => {
  const { debits, totalWei } = buildEpoch(leavesOf(9))
  for (const [index, leaf] of debits.leaves.entries()) {
    assert.equal(leafAt(debits, debits.fromWei[index]!), index)
    assert.equal(leafAt(debits, debits.fromWei[index]! + leaf.amountWei - 1n), index)
  }
  assert.equal(leafAt(debits, totalWei), -1)
})

test('an answer carries the same leaf on both sides', () => {
  const epoch = buildEpoch(leavesOf(9))
  const { leaf, mirrorPath } = answerAt(epoch, 'debits', 0n)
  const node = { hash: leafHash(leaf.providerId, leaf.purseId, leaf.amountWei), sumWei: leaf.amountWei }
  assert.notEqual(climb(node, mirrorPath, rootOf(epoch.credits.tree)), undefined)
  assert.throws(() => answerAt(epoch, 'debits', epoch.totalWei), { code: 'ORDER_OUT_OF_BOUNDS' })
})

test('a changed amount or a changed step does not reach the root', () => {
  const { debits } = buildEpoch(leavesOf(9))
  const root = rootOf(debits.tree)
  const { path, purseId, providerId, amountWei } = proveLeaf(debits, 4)
  const good = { hash: leafHash(purseId, providerId, amountWei), sumWei: amountWei }
  assert.equal(climb({ ...good, sumWei: amountWei + 1n }, path, root), undefined)
  for (const index of path.keys()) {
    const step = path[index]!
    const more = path.with(index, { ...step, siblingWei: step.siblingWei + 1n })
    const turned = path.with(index, { ...step, siblingIsLeft: !step.siblingIsLeft })
    assert.equal(climb(good, more, root), undefined)
    assert.equal(climb(good, turned, root), undefined)
  }
})

test('packed totals read back as they were', () => {
  const totals = [
    { id: 1, amountWei: 1n },
    { id: 2 ** 32 - 1, amountWei: 2n ** 96n - 1n },
  ]
  assert.deepEqual(unpackTotals(packTotals(totals)), totals)
  assert.equal(packTotals([{ id: 7, amountWei: 1n }]), '0x00000007000000000000000000000001')
})

const [leaf] = leavesOf(1) as [EpochLeaf]
const refused: [string, EpochLeaf[]][] = [
  ['no leaf', []],
  ['a pair that comes twice', [leaf, leaf]],
  ['an amount of zero', [{ ...leaf, amountWei: 0n }]],
]
for (const [what, leaves] of refused) {
  test(`refuses ${what}`, () => {
    assert.throws(() => buildEpoch(leaves), { code: 'ORDER_OUT_OF_BOUNDS' })
  })
}

test('10,000 leaves are built in seconds', () => {
  const started = performance.now()
  const epoch = buildEpoch(leavesOf(10_000, 100))
  assert.equal(epoch.debits.totals.length, 100)
  assert.ok(performance.now() - started < 10_000)
})
