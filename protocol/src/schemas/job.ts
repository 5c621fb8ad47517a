import { z } from 'zod'
import { executionProfileSchema } from '../inference/profile.ts'
import { inferenceRequestSchema, inferenceResultSchema } from '../inference/request.ts'
import { skipReasons } from '../market/skipReason.ts'
import { jobStates } from '../market/state.ts'
import { announceSchema, nodeOfferSchema } from './node.ts'
import {
  addressSchema,
  bytes32Schema,
  hexSchema,
  orderSignatureSchema,
  providerIdSchema,
  signatureSchema,
  uint8Schema,
  unixSecondsSchema,
  weiSchema,
} from './primitives.ts'
import { orderSchema, signedAssignmentSchema, signedReceiptSchema } from './statements.ts'

/** `POST /v1/jobs`: a signed order with the request that its `inputHash` names. */
export const submitBodySchema = z.strictObject({
  /** For which chain and contract the order was signed: tells a wrong chain from a false signature. */
  domain: z.strictObject({ chainId: z.int().min(1), verifyingContract: addressSchema }),
  order: orderSchema,
  signature: signatureSchema,
  request: inferenceRequestSchema,
})
export type SubmitBody = z.output<typeof submitBodySchema>

/**
 * `POST /v1/disputes`: the order of a job that the chain shows as disputed, with the request that its `inputHash` names.
 * Nobody signs it: the dispute on chain is what moves something.
 */
export const disputeBodySchema = submitBodySchema.omit({ signature: true })
export type DisputeBody = z.output<typeof disputeBodySchema>

/** A provider that was not drawn or lost its seat, and why. */
export const skippedSchema = z.strictObject({
  providerId: providerIdSchema,
  reason: z.enum(skipReasons),
  /** What would have to change. */
  fix: z.string(),
})
export type Skipped = z.output<typeof skippedSchema>

/** How a job ended, as read from the events of the chain. */
export const outcomeSchema = z.strictObject({
  outputHash: bytes32Schema.nullable(),
  /** What each provider earned, gross: its fee is taken when it first needs the money. */
  paid: z.array(z.strictObject({ providerId: providerIdSchema, earnedWei: weiSchema })),
  /** What went back to the requester; 0 for seats that were paid at once, since only their shares were taken. */
  refundedWei: weiSchema,
  slashed: z.array(
    z.strictObject({
      providerId: providerIdSchema,
      reason: z.string(),
      toRequesterWei: weiSchema,
      toSeatsWei: weiSchema,
      burnedWei: weiSchema,
    }),
  ),
})
export type Outcome = z.output<typeof outcomeSchema>

/** `GET /v1/jobs/:jobId`: everything that may be public about a job. */
export const jobStatusSchema = z.object({
  jobId: bytes32Schema,
  state: z.enum(jobStates),
  round: uint8Schema,
  order: orderSchema,
  orderSignature: orderSignatureSchema,
  createdAtMs: z.int(),
  updatedAtMs: z.int(),
  assignments: z.array(signedAssignmentSchema),
  commitments: z.array(
    z.strictObject({
      round: uint8Schema,
      providerId: providerIdSchema,
      commitment: bytes32Schema,
      signature: signatureSchema,
      receivedAtMs: z.int(),
    }),
  ),
  /** Empty until the round is closed on chain; then what its seats delivered, which may come a moment later. */
  openings: z.array(
    z.strictObject({
      round: uint8Schema,
      providerId: providerIdSchema,
      outputHash: bytes32Schema,
      salt: bytes32Schema,
      receipt: signedReceiptSchema,
      receivedAtMs: z.int(),
    }),
  ),
  outcome: outcomeSchema.nullable(),
  transactions: z.array(z.strictObject({ kind: z.string(), hash: bytes32Schema })),
  skipped: z.array(skippedSchema),
})
export type JobStatus = z.output<typeof jobStatusSchema>

/** `GET /v1/jobs/:jobId/result`, for the requester alone. */
export const jobResultSchema = z.object({
  jobId: bytes32Schema,
  result: inferenceResultSchema,
  outputHash: bytes32Schema,
  /** Receipts of the winning seats. */
  receipts: z.array(signedReceiptSchema),
})
export type JobResult = z.output<typeof jobResultSchema>

/** `GET /v1/models`. */
export const modelsSchema = z.object({
  models: z.array(
    z.object({
      /** Hash of the profile: `order.policy`. */
      policy: bytes32Schema,
      /** `order.modelId`. */
      modelId: bytes32Schema,
      profile: executionProfileSchema,
      /** Nodes online that serve it. */
      providers: z.int(),
      /** Least price of one seat among them. */
      minPriceWei: weiSchema,
    }),
  ),
})
export type Models = z.output<typeof modelsSchema>

/** `GET /v1/providers`. */
export const providersSchema = z.object({
  providers: z.array(
    z.object({
      providerId: providerIdSchema,
      owner: addressSchema,
      signingKey: addressSchema,
      stakedWei: weiSchema,
      lockedWei: weiSchema,
      isActive: z.boolean(),
      isOnline: z.boolean(),
      lastSeenAtMs: z.int().nullable(),
      endpoint: z.string().nullable(),
      policies: z.array(bytes32Schema),
      capacity: z.int(),
      activeJobs: z.int(),
      /** What its node offers, with prices; empty when it was never heard of. */
      offers: z.array(nodeOfferSchema),
      sealKey: announceSchema.shape.sealKey,
    }),
  ),
})
export type Providers = z.output<typeof providersSchema>

/** `GET /v1/coordinator`: who coordinates, where and on which terms. */
export const coordinatorInfoSchema = z.object({
  address: addressSchema,
  publicKey: hexSchema,
  chainId: z.int(),
  mesh: addressSchema,
  token: addressSchema,
  feeBps: z.int(),
  minStakeWei: weiSchema,
  maxJobLifeSeconds: z.int(),
  modes: z.array(z.string()),
  nowSeconds: unixSecondsSchema,
  version: z.string(),
})
export type CoordinatorInfo = z.output<typeof coordinatorInfoSchema>
