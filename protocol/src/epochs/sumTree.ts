import { concat, type Hex, keccak256, numberToHex } from 'viem'

/** A leaf or an inner node: what its parent commits to. */
export type SumNode = {
  hash: Hex
  /** DUCK wei. */
  sumWei: bigint
}

/** One level of a path, from below; named as in `SumProof.sol`. */
export type SumStep = {
  siblingHash: Hex
  siblingWei: bigint
  siblingIsLeft: boolean
}

/** Levels of a tree, leaves first and the root last. */
export type SumTree = readonly (readonly SumNode[])[]

const LEAF_TAG = '0x00'
const NODE_TAG = '0x01'

/**
 * Hash of a leaf.
 * @param accountId the account whose total it belongs to on this side
 * @param otherId its counterpart
 */
export const leafHash = (accountId: number, otherId: number, amountWei: bigint): Hex =>
  keccak256(
    concat([
      LEAF_TAG,
      numberToHex(accountId, { size: 4 }),
      numberToHex(otherId, { size: 4 }),
      numberToHex(amountWei, { size: 12 }),
    ]),
  )

/** The node above two children. */
export const parentOf = (left: SumNode, right: SumNode): SumNode => ({
  hash: keccak256(
    concat([
      NODE_TAG,
      left.hash,
      numberToHex(left.sumWei, { size: 12 }),
      right.hash,
      numberToHex(right.sumWei, { size: 12 }),
    ]),
  ),
  sumWei: left.sumWei + right.sumWei,
})

/**
 * Builds a tree. A node without a sibling moves up as it is.
 * @param leaves at least one
 */
export function buildSumTree(leaves: readonly SumNode[]): SumTree {
  const levels = [leaves]
  for (let level = leaves; level.length > 1; ) {
    const above: SumNode[] = []
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index]!
      const right = level[index + 1]
      above.push(right ? parentOf(left, right) : left)
    }
    levels.push(above)
    level = above
  }
  return levels
}

/** The root of a tree; its sum is the total. */
export const rootOf = (tree: SumTree): SumNode => tree.at(-1)![0]!

/**
 * Path of a node to the root.
 * @param index of the node in its level
 * @param level 0 for leaves
 */
export function pathOf(tree: SumTree, index: number, level = 0): SumStep[] {
  const path: SumStep[] = []
  for (const nodes of tree.slice(level, -1)) {
    const sibling = nodes[index ^ 1]
    if (sibling) {
      path.push({ siblingHash: sibling.hash, siblingWei: sibling.sumWei, siblingIsLeft: index % 2 === 1 })
    }
    index >>= 1
  }
  return path
}

/**
 * Goes from a node up its path, as the contract does.
 * @returns the first wei that the node covers, or undefined when the path does not end at the root
 */
export function climb(node: SumNode, path: readonly SumStep[], root: SumNode): bigint | undefined {
  let fromWei = 0n
  for (const { siblingHash, siblingWei, siblingIsLeft } of path) {
    const sibling = { hash: siblingHash, sumWei: siblingWei }
    if (siblingIsLeft) fromWei += siblingWei
    node = siblingIsLeft ? parentOf(sibling, node) : parentOf(node, sibling)
    if (node.sumWei > root.sumWei) return undefined
  }
  return node.hash === root.hash && node.sumWei === root.sumWei ? fromWei : undefined
}

/** A node with its children; `NodeProof` on chain. */
export type NodeProof = {
  leftHash: Hex
  leftWei: bigint
  rightHash: Hex
  rightWei: bigint
  /** The sum that the node's parent commits to. */
  claimedWei: bigint
  path: SumStep[]
}

/**
 * What `proveBadSum` takes for an inner node.
 * @param level 1 for parents of leaves
 * @param index of a node with two children
 */
export function proveNode(tree: SumTree, index: number, level: number): NodeProof {
  const [left, right] = tree[level - 1]!.slice(2 * index) as [SumNode, SumNode]
  return {
    leftHash: left.hash,
    leftWei: left.sumWei,
    rightHash: right.hash,
    rightWei: right.sumWei,
    claimedWei: tree[level]![index]!.sumWei,
    path: pathOf(tree, index, level),
  }
}
