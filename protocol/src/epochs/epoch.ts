import type { Hex } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { ProviderId } from '../ids.ts'
import { buildSumTree, leafHash, pathOf, rootOf, type SumStep, type SumTree } from './sumTree.ts'
import { packTotals, type Total } from './totals.ts'

/** The two sides of an epoch; the number is that of `Side` on chain. */
export const sides = { debits: 0, credits: 1 } as const
export type Side = keyof typeof sides

/** What one purse pays one provider in one epoch. */
export type EpochLeaf = {
  purseId: number
  providerId: ProviderId
  /** DUCK wei, positive, at most the `maxWei` of the voucher behind it. */
  amountWei: bigint
}

/** One side: its leaves in order, their tree, and the sum of each account. */
export type EpochSide = {
  leaves: readonly EpochLeaf[]
  /** First wei of each leaf. */
  fromWei: readonly bigint[]
  tree: SumTree
  root: Hex
  totals: readonly Total[]
  /** The totals as the contract takes them. */
  packed: Hex
}

/** Everything of an epoch that the coordinator posts or publishes. */
export type EpochData = { totalWei: bigint } & Record<Side, EpochSide>

/** A leaf with its path; `LeafProof` on chain. */
export type LeafProof = EpochLeaf & { path: SumStep[] }

const accountOf = (side: Side, leaf: EpochLeaf): [accountId: number, otherId: number] =>
  side === 'debits' ? [leaf.purseId, leaf.providerId] : [leaf.providerId, leaf.purseId]

/**
 * Builds both sides of an epoch.
 * @param leaves in any order, each pair of purse and provider once
 * @throws DuckMeshError ORDER_OUT_OF_BOUNDS when there is no leaf, a pair comes twice, or an amount is not positive
 * @example const { debits, credits } = buildEpoch([{ purseId: 1, providerId: 7, amountWei: 10n ** 15n }])
 */
export function buildEpoch(leaves: readonly EpochLeaf[]): EpochData {
  if (leaves.length === 0) throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', 'An epoch has at least one leaf.')
  const debits = buildSide('debits', leaves)
  const credits = buildSide('credits', leaves)
  return { totalWei: rootOf(debits.tree).sumWei, debits, credits }
}

function buildSide(side: Side, given: readonly EpochLeaf[]): EpochSide {
  const leaves = given.toSorted((a, b) => {
    const [accountA, otherA] = accountOf(side, a)
    const [accountB, otherB] = accountOf(side, b)
    return accountA - accountB || otherA - otherB
  })
  const totals: Total[] = []
  const fromWei: bigint[] = []
  let sumWei = 0n
  for (const [index, leaf] of leaves.entries()) {
    requireLeaf(leaf, leaves[index - 1])
    fromWei.push(sumWei)
    sumWei += leaf.amountWei
    const [id] = accountOf(side, leaf)
    const last = totals.at(-1)
    if (last?.id === id) last.amountWei += leaf.amountWei
    else totals.push({ id, amountWei: leaf.amountWei })
  }
  const tree = buildSumTree(
    leaves.map((leaf) => ({
      hash: leafHash(...accountOf(side, leaf), leaf.amountWei),
      sumWei: leaf.amountWei,
    })),
  )
  return { leaves, fromWei, tree, root: rootOf(tree).hash, totals, packed: packTotals(totals) }
}

function requireLeaf(leaf: EpochLeaf, previous: EpochLeaf | undefined): void {
  const { purseId, providerId, amountWei } = leaf
  if (amountWei <= 0n) {
    throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', 'The amount of a leaf is positive.', {
      purseId,
      providerId,
    })
  }
  if (previous?.purseId === purseId && previous.providerId === providerId) {
    throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', 'A purse and a provider share one leaf of an epoch.', {
      purseId,
      providerId,
    })
  }
}

/** Index of the leaf of a side that covers one wei of the total, or -1 beyond it. */
export function leafAt({ fromWei, leaves }: EpochSide, atWei: bigint): number {
  let low = 0
  let high = leaves.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (fromWei[middle]! <= atWei) low = middle + 1
    else high = middle
  }
  const index = low - 1
  return index >= 0 && atWei < fromWei[index]! + leaves[index]!.amountWei ? index : -1
}

/** A leaf of a side with its path to the root. */
export const proveLeaf = ({ leaves, tree }: EpochSide, index: number): LeafProof => ({
  ...leaves[index]!,
  path: pathOf(tree, index),
})

/**
 * What answers a challenge, but for the voucher: the leaf at one wei of a side, and its path on the other side.
 * @throws DuckMeshError ORDER_OUT_OF_BOUNDS when the total ends before `atWei`
 */
export function answerAt(
  epoch: EpochData,
  side: Side,
  atWei: bigint,
): { leaf: LeafProof; mirrorPath: SumStep[] } {
  const index = leafAt(epoch[side], atWei)
  if (index < 0) {
    throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', 'The total of the epoch ends before this wei.', {
      atWei: String(atWei),
      totalWei: String(epoch.totalWei),
    })
  }
  const leaf = proveLeaf(epoch[side], index)
  const mirror = epoch[side === 'debits' ? 'credits' : 'debits']
  const mirrorIndex = mirror.leaves.findIndex(
    ({ purseId, providerId }) => purseId === leaf.purseId && providerId === leaf.providerId,
  )
  return { leaf, mirrorPath: pathOf(mirror.tree, mirrorIndex) }
}
