import { z } from 'zod'
import { limits } from '../constants.ts'
import type { Assignment } from '../typed-data/assignment.ts'
import type { Order } from '../typed-data/order.ts'
import type { Receipt } from '../typed-data/receipt.ts'
import {
  addressSchema,
  bytes32Schema,
  hexSchema,
  providerIdSchema,
  signatureSchema,
  uint8Schema,
  uint32Schema,
  uint64Schema,
  unixSecondsSchema,
  weiSchema,
} from './primitives.ts'

/** Wire form of an Order. */
export const orderSchema = z.strictObject({
  requester: addressSchema,
  coordinator: addressSchema,
  providerId: uint32Schema,
  kind: uint8Schema,
  mode: uint8Schema,
  seats: uint8Schema,
  priceWei: weiSchema,
  bondWei: weiSchema,
  modelId: bytes32Schema,
  inputHash: bytes32Schema,
  policy: bytes32Schema,
  nonce: uint64Schema,
  acceptBy: unixSecondsSchema,
  execWindow: uint32Schema,
  disputeWindow: uint32Schema,
}) satisfies z.ZodType<Order, unknown>

/** Wire form of an Assignment. */
export const assignmentSchema = z.strictObject({
  jobId: bytes32Schema,
  round: uint8Schema,
  seats: z.array(providerIdSchema).max(limits.maxSeats),
  seed: bytes32Schema,
  candidatesHash: bytes32Schema,
  issuedAt: unixSecondsSchema,
}) satisfies z.ZodType<Assignment, unknown>

/** Wire form of the record that makes an Assignment recomputable. */
export const drawRecordSchema = z.strictObject({
  candidates: z.array(z.strictObject({ providerId: providerIdSchema, weightWei: weiSchema })).max(10_000),
  publicKey: hexSchema,
  proof: hexSchema,
  excused: z.array(z.strictObject({ providerId: providerIdSchema, reason: z.enum(['SILENT', 'DECLINED']) })),
})

/** Wire form of a Receipt. */
export const receiptSchema = z.strictObject({
  jobId: bytes32Schema,
  providerId: providerIdSchema,
  outputHash: bytes32Schema,
  assignmentHash: bytes32Schema,
  amountWei: weiSchema,
  promptTokens: uint32Schema,
  completionTokens: uint32Schema,
  startedAt: unixSecondsSchema,
  finishedAt: unixSecondsSchema,
}) satisfies z.ZodType<Receipt, unknown>

/** A receipt with the provider's signature. */
export const signedReceiptSchema = z.strictObject({ receipt: receiptSchema, signature: signatureSchema })
export type SignedReceipt = z.output<typeof signedReceiptSchema>

/** An assignment with the coordinator's signature and the record to recompute it. */
export const signedAssignmentSchema = z.strictObject({
  assignment: assignmentSchema,
  signature: signatureSchema,
  record: drawRecordSchema,
})
export type SignedAssignment = z.output<typeof signedAssignmentSchema>
