import { encodeAbiParameters, type Hex, keccak256 } from 'viem'
import { z } from 'zod'
import { hashCanonical } from '../inference/canonical.ts'
import { addressSchema, bytes32Schema, uint32Schema, unixSecondsSchema } from '../schemas/primitives.ts'
import { stringifyWire } from '../schemas/wire.ts'
import type { EvidenceItem } from './item.ts'
import { buildMerkleTree, merklePath, merkleRoot } from './merkleTree.ts'

/** Most leaves of one batch. */
export const mostBatchLeaves = 4_096

/** A batch as it is anchored; `IEvidenceAnchors.Batch` on chain. */
export const evidenceBatchSchema = z.strictObject({
  root: bytes32Schema,
  /** Canonical hash of the list of items. */
  dataHash: bytes32Schema,
  count: uint32Schema,
  /** Unix seconds: end of the anchorer's previous batch, 0 for its first. */
  from: unixSecondsSchema,
  /** Unix seconds: the evidence was taken in later than `from` and no later than this. */
  until: unixSecondsSchema,
})
export type EvidenceBatch = z.output<typeof evidenceBatchSchema>

/** What the contract keeps of a batch: keccak256 of its ABI encoding. */
export const batchCommitment = ({ root, dataHash, count, from, until }: EvidenceBatch): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'uint32' }, { type: 'uint40' }, { type: 'uint40' }],
      [root, dataHash, count, from, until],
    ),
  )

/** Canonical hash of the items of a batch in order: whoever has a copy of the file can show that it is the one. */
export const evidenceDataHash = (items: readonly EvidenceItem[]): Hex =>
  hashCanonical(JSON.parse(stringifyWire(items)))

/**
 * Makes a batch of leaves.
 * @param leaves 1 to `mostBatchLeaves` items with their evidence hashes, in order
 * @param period unix seconds
 * @returns the batch, and the way of each leaf to its root
 */
export function evidenceBatchOf(
  leaves: readonly { hash: Hex; item: EvidenceItem }[],
  period: Pick<EvidenceBatch, 'from' | 'until'>,
): { batch: EvidenceBatch; paths: Hex[][] } {
  const tree = buildMerkleTree(leaves.map(({ hash }) => hash))
  const dataHash = evidenceDataHash(leaves.map(({ item }) => item))
  return {
    batch: { root: merkleRoot(tree), dataHash, count: leaves.length, ...period },
    paths: leaves.map((_, index) => merklePath(tree, index)),
  }
}

/** A batch with its place in the sequence of its anchorer. */
export const anchoredBatchSchema = z.strictObject({
  anchorer: addressSchema,
  sequence: z.int().min(0),
  batch: evidenceBatchSchema,
  /** Whether the coordinator has seen it on chain; before that it is a promise. */
  isAnchored: z.boolean(),
  /** Transaction that anchored it; null when it is not known. */
  transaction: bytes32Schema.nullable(),
})
export type AnchoredBatch = z.output<typeof anchoredBatchSchema>
