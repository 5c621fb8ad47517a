import { poseidon } from '../field/poseidon.ts'

/** Fills places of a set that hold no value; the circuit refuses it as a value. */
const EMPTY = 0n

/** A set with its root, and the paths that prove who is in it. */
export interface AllowedSet {
  root: bigint
  /** @returns for each level from the leaf up, the four children of the node above. @throws RangeError for a stranger */
  path(value: bigint): bigint[][]
}

/**
 * Builds the tree of four children to a node that the predicate Membership reads. Values are sorted, so that equal sets
 * have equal roots.
 * @param values identifiers of the set, not zero
 * @param depth levels; up to 4^depth values
 */
export function allowedSet(values: readonly bigint[], depth: number): AllowedSet {
  const leaves = [...new Set(values)].sort((one, other) => (one < other ? -1 : 1))
  if (leaves.includes(EMPTY)) throw new RangeError('0 fills empty places and cannot be a value of a set.')
  if (leaves.length > 4 ** depth)
    throw new RangeError(`${leaves.length} values do not fit into 4^${depth} places.`)
  const levels: bigint[][] = [leaves]
  let empty = EMPTY
  const emptyAt = [empty]
  const children = (level: number, parent: number) =>
    [0, 1, 2, 3].map((child) => levels[level]![4 * parent + child] ?? emptyAt[level]!)
  for (let level = 0; level < depth; level++) {
    const parents = Math.ceil(levels[level]!.length / 4)
    levels.push(Array.from({ length: parents }, (_, parent) => poseidon(children(level, parent))))
    empty = poseidon([empty, empty, empty, empty])
    emptyAt.push(empty)
  }
  return {
    root: levels[depth]![0] ?? empty,
    path(value) {
      const place = leaves.indexOf(value)
      if (place < 0) throw new RangeError(`${value} is not in the set.`)
      return Array.from({ length: depth }, (_, level) =>
        children(level, Math.floor(place / 4 ** (level + 1))),
      )
    },
  }
}
