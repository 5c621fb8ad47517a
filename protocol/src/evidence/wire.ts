import { z } from 'zod'
import { signedVerdictSchema } from '../reference/verdict.ts'
import { addressSchema, bytes32Schema, providerIdSchema } from '../schemas/primitives.ts'
import { signedReceiptSchema } from '../schemas/statements.ts'
import { anchoredBatchSchema, mostBatchLeaves } from './batch.ts'
import { evidenceItemSchema, paidBySchema, slaSchema } from './item.ts'

/**
 * `POST /v1/evidence`: what somebody knows of one job or stream. Nobody signs the call: every statement in it is signed by
 * a registered provider, and is refused when it is not.
 */
export const evidenceBodySchema = z.strictObject({
  receipt: signedReceiptSchema,
  paid: paidBySchema,
  /** Of other providers, about the answer that the receipt is for. */
  verdicts: z.array(signedVerdictSchema).max(16).default([]),
})
export type EvidenceBody = z.output<typeof evidenceBodySchema>

/** Answer of `POST /v1/evidence`: how many statements were new; what was there before stands as it was. */
export const evidenceTakenSchema = z.strictObject({ taken: z.int().min(0) })

/** Where a leaf is, and in which batch; null while it waits for one. */
const inclusionSchema = z
  .strictObject({
    ...anchoredBatchSchema.shape,
    index: z.int().min(0),
    path: z.array(bytes32Schema).max(32),
  })
  .nullable()

/** One piece of evidence with its way to the chain. Nothing in it is verified. */
const placedItemSchema = z.strictObject({ item: evidenceItemSchema, inclusion: inclusionSchema })
export type PlacedEvidence = z.output<typeof placedItemSchema>

/** `GET /v1/evidence/:jobId`. */
export const evidenceOfJobSchema = z.strictObject({
  jobId: bytes32Schema,
  items: z.array(placedItemSchema).max(256),
})
export type EvidenceOfJob = z.output<typeof evidenceOfJobSchema>

/** `GET /v1/evidence/batches`: latest first. */
export const evidenceBatchesSchema = z.strictObject({
  /** EvidenceAnchors; null when this coordinator anchors nothing. */
  anchors: addressSchema.nullable(),
  batches: z.array(anchoredBatchSchema).max(100),
})
export type EvidenceBatches = z.output<typeof evidenceBatchesSchema>

/** `GET /v1/evidence/batches/:sequence`: the file that `dataHash` names, with the batch. */
export const evidenceBatchFileSchema = z.strictObject({
  ...anchoredBatchSchema.shape,
  items: z.array(evidenceItemSchema).max(mostBatchLeaves),
})
export type EvidenceBatchFile = z.output<typeof evidenceBatchFileSchema>

/** `GET /v1/providers/:providerId/sla`: latest windows first. */
export const providerSlaSchema = z.strictObject({
  providerId: providerIdSchema,
  windows: z.array(z.strictObject({ item: slaSchema, inclusion: inclusionSchema })).max(24),
})
export type ProviderSla = z.output<typeof providerSlaSchema>
