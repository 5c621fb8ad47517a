import { concat, type Hex, keccak256 } from 'viem'

/** Levels of a tree, leaves first and the root last. */
export type MerkleTree = readonly (readonly Hex[])[]

/** Hash of bytes. @default keccak256 */
export type TreeHash = (bytes: Hex) => Hex

const LEAF_PREFIX = '0x00'
const NODE_PREFIX = '0x01'

/** Hash of a leaf. Leaves and nodes begin with different bytes, so no inner node passes for a leaf. */
export const merkleLeaf = (entry: Hex, hash: TreeHash = keccak256): Hex => hash(concat([LEAF_PREFIX, entry]))

const nodeOf = (left: Hex, right: Hex, hash: TreeHash): Hex => hash(concat([NODE_PREFIX, left, right]))

/**
 * Builds a tree. A node without a sibling moves up as it is. Source: RFC 9162, section 2.1.1.
 * @param entries at least one; what the leaves are made of, before their prefix
 * @param hash keccak256, as the contract; RFC 9162 itself takes SHA-256
 * @example const root = merkleRoot(buildMerkleTree(['0x…', '0x…']))
 */
export function buildMerkleTree(entries: readonly Hex[], hash: TreeHash = keccak256): MerkleTree {
  const levels = [entries.map((entry) => merkleLeaf(entry, hash))]
  for (let level = levels[0]!; level.length > 1; ) {
    const above: Hex[] = []
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index]!, level[index + 1]]
      above.push(right ? nodeOf(left, right, hash) : left)
    }
    levels.push(above)
    level = above
  }
  return levels
}

/** Root of a tree. */
export const merkleRoot = (tree: MerkleTree): Hex => tree.at(-1)![0]!

/**
 * Siblings of a leaf, from below. Source: RFC 9162, section 2.1.3.1.
 * @param index of the leaf, from 0
 */
export function merklePath(tree: MerkleTree, index: number): Hex[] {
  const path: Hex[] = []
  let at = index
  for (const level of tree.slice(0, -1)) {
    const sibling = level[at ^ 1]
    if (sibling) path.push(sibling)
    at >>= 1
  }
  return path
}

/** Where a leaf is, and in which tree. */
export type Inclusion = {
  root: Hex
  /** Leaves of the tree. */
  count: number
  /** Position of the leaf, from 0. */
  index: number
  /** Siblings from the leaf up. */
  path: readonly Hex[]
}

/**
 * Whether a tree holds an entry at just this place, as the contract finds it. Source: RFC 9162, section 2.1.3.2.
 * @param entry what the leaf is made of, before its prefix
 */
export function isIncluded(
  entry: Hex,
  { root, count, index, path }: Inclusion,
  hash: TreeHash = keccak256,
): boolean {
  if (index < 0 || index >= count) return false
  let at = index
  let last = count - 1
  let node = merkleLeaf(entry, hash)
  for (const sibling of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      node = nodeOf(sibling, node, hash)
      // the right edge of the tree has no sibling on these levels
      for (; at % 2 === 0 && at !== 0; at >>>= 1) last >>>= 1
    } else {
      node = nodeOf(node, sibling, hash)
    }
    at >>>= 1
    last >>>= 1
  }
  return last === 0 && node === root
}
