import {
  assignmentSchema,
  bytes32Schema,
  inferenceRequestSchema,
  inferenceResultSchema,
  orderSchema,
  orderSignatureSchema,
  providerIdSchema,
  signatureSchema,
  signedReceiptSchema,
  stringifyWire,
  unixSecondsSchema,
  weiSchema,
} from '@duckmesh/protocol'
import { z } from 'zod'
import { type Row, rowStates } from '../ports/journal.ts'

const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema)

const promisedSchema = z.strictObject({
  result: inferenceResultSchema,
  outputHash: bytes32Schema,
  promptTokens: z.int(),
  startedAt: unixSecondsSchema,
  finishedAt: unixSecondsSchema,
  seat: z.strictObject({ salt: bytes32Schema, commitment: bytes32Schema }).nullable(),
})

const revealSchema = z.strictObject({
  seatsDigest: bytes32Schema,
  signature: signatureSchema,
  seats: z.array(providerIdSchema),
  commitments: z.array(bytes32Schema),
  commitSignatures: z.array(signatureSchema),
})

const outcomeSchema = z.strictObject({
  kind: z.enum(['paid', 'slashed', 'unpaid', 'refunded', 'expired']),
  earnedWei: weiSchema,
  lostWei: weiSchema,
  slashReason: z.string().nullable(),
  isOpened: z.boolean(),
})

const storedSchema = z
  .object({
    job_id: bytes32Schema,
    round: z.int(),
    lane: z.enum(['redundant', 'direct']),
    state: z.enum(rowStates),
    order_json: json(orderSchema),
    order_signature: orderSignatureSchema,
    request_json: json(inferenceRequestSchema),
    assignment_json: json(assignmentSchema).nullable(),
    assignment_signature: signatureSchema.nullable(),
    seen_block: z.string().transform((text) => BigInt(text)),
    promised_json: json(promisedSchema).nullable(),
    committed_under_json: json(z.array(bytes32Schema)).nullable(),
    reveal_json: json(revealSchema).nullable(),
    receipt_json: json(signedReceiptSchema).nullable(),
    outcome_json: json(outcomeSchema).nullable(),
    error_code: z.string().nullable(),
    received_at_ms: z.number(),
    commit_accepted_at_ms: z.number().nullable(),
    bound_seen_at_ms: z.number().nullable(),
    opening_accepted_at_ms: z.number().nullable(),
  })
  .transform(
    (stored): Row => ({
      jobId: stored.job_id,
      round: stored.round,
      lane: stored.lane,
      state: stored.state,
      order: stored.order_json,
      orderSignature: stored.order_signature,
      request: stored.request_json,
      assignment:
        stored.assignment_json && stored.assignment_signature
          ? { assignment: stored.assignment_json, signature: stored.assignment_signature }
          : null,
      seenBlock: stored.seen_block,
      promised: stored.promised_json,
      committedUnder: stored.committed_under_json ?? [],
      reveal: stored.reveal_json,
      receipt: stored.receipt_json,
      outcome: stored.outcome_json,
      errorCode: stored.error_code,
      receivedAtMs: stored.received_at_ms,
      commitAcceptedAtMs: stored.commit_accepted_at_ms,
      boundSeenAtMs: stored.bound_seen_at_ms,
      openingAcceptedAtMs: stored.opening_accepted_at_ms,
    }),
  )

/** A row of the table as the node knows it. @throws ZodError when the file was tampered with */
export const rowFromTable = (stored: unknown): Row => storedSchema.parse(stored)

/** JSON text of a column; amounts become decimal strings. */
export const toColumn = (value: unknown): string => stringifyWire(value)
