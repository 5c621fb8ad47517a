import { z } from 'zod'
import { limits } from '../constants.ts'
import { executionProfileSchema } from '../inference/profile.ts'
import { inferenceRequestSchema, inferenceResultSchema } from '../inference/request.ts'
import { signedSealKeySchema } from '../privacy/sealKey.ts'
import { streamApis } from '../streaming/request.ts'
import {
  bytes32Schema,
  orderSignatureSchema,
  providerIdSchema,
  signatureSchema,
  uint8Schema,
  weiSchema,
} from './primitives.ts'
import { assignmentSchema, orderSchema, signedReceiptSchema } from './statements.ts'

/** What a node takes on the streaming lane, and for how much. */
export const streamOfferSchema = z.strictObject({
  apis: z.array(z.enum(streamApis)).min(1).max(streamApis.length),
  /** Whether the engine tells token ids and log-probabilities, without which nothing can be replayed. */
  givesLogprobs: z.boolean(),
  /** DUCK wei for a request as such, a token of the prompt, a token of the answer. */
  requestWei: weiSchema,
  promptTokenWei: weiSchema,
  tokenWei: weiSchema,
  /** Most that a payer that this node does not know yet needs to promise at once, DUCK wei. */
  strangerCapWei: weiSchema,
  /** Streams that run at once. */
  slots: z.int().min(1).max(limits.maxCapacity),
  /** Streams that run or wait now. */
  busy: z.int().min(0),
})
export type StreamOffer = z.output<typeof streamOfferSchema>

/** One model that a node serves, and for how much. */
export const nodeOfferSchema = z.strictObject({
  profile: executionProfileSchema,
  /** Least gross price of one seat, DUCK wei. */
  minPriceWei: weiSchema,
  /** How the streaming lane is served; null when it is not. */
  streaming: streamOfferSchema.nullable().default(null),
})
export type NodeOffer = z.output<typeof nodeOfferSchema>

/** `POST /v1/nodes`: a node says that it is there and what it serves; repeated as heartbeat. */
export const announceSchema = z.strictObject({
  providerId: providerIdSchema,
  offers: z.array(nodeOfferSchema).min(1).max(64),
  /** Jobs that it runs at once. */
  capacity: z.int().min(1).max(limits.maxCapacity),
  /** Where `POST /jobs` is served, or null behind NAT. */
  endpoint: z.url().max(512).nullable(),
  /** Key that requests are sealed to, see `verifySealKey`; null when none are taken sealed. */
  sealKey: signedSealKeySchema.nullable().default(null),
  version: z.string().max(64),
})
export type Announce = z.output<typeof announceSchema>

/** A job that a node is to run, with all that it needs to check it for itself. */
export const runWorkSchema = z.strictObject({
  type: z.literal('run'),
  jobId: bytes32Schema,
  order: orderSchema,
  orderSignature: orderSignatureSchema,
  request: inferenceRequestSchema,
  assignment: assignmentSchema,
  assignmentSignature: signatureSchema,
})
export type RunWork = z.output<typeof runWorkSchema>

/** A job whose seats have all committed: the node may show its output hash, so that all are paid at once. */
export const revealWorkSchema = z.strictObject({
  type: z.literal('reveal'),
  jobId: bytes32Schema,
  round: uint8Schema,
  /** Seats of the latest assignment, with their commitments and SeatCommit signatures in the same order. */
  seats: z.array(providerIdSchema).max(limits.maxSeats),
  commitments: z.array(bytes32Schema).max(limits.maxSeats),
  signatures: z.array(signatureSchema).max(limits.maxSeats),
})
export type RevealWork = z.output<typeof revealWorkSchema>

/** A job that is anchored, or whose seats were paid at once: the node may now deliver its result. */
export const openWorkSchema = z.strictObject({
  type: z.literal('open'),
  jobId: bytes32Schema,
  round: uint8Schema,
  /** As anchored or paid, so that the node can compare them with the chain before it opens. */
  seats: z.array(providerIdSchema),
  commitments: z.array(bytes32Schema),
})
export type OpenWork = z.output<typeof openWorkSchema>

/** `GET /v1/nodes/work?after=&waitMs=` query: give what became due after the cursor, wait if there is nothing. */
export const workQuerySchema = z.strictObject({
  /** Cursor of the last answer; 0 gives all open work, which a node asks for at start and every now and then. */
  after: z.coerce.number().int().min(0).default(0),
  waitMs: z.coerce.number().int().min(0).max(limits.maxWaitMs).default(0),
})

/** `GET /v1/nodes/work`: the same item may be given again until it is done. */
export const workSchema = z.strictObject({
  items: z.array(z.discriminatedUnion('type', [runWorkSchema, revealWorkSchema, openWorkSchema])),
  cursor: z.int().min(0),
})
export type Work = z.output<typeof workSchema>

/** `POST /v1/jobs/:jobId/commitments`. */
export const commitmentBodySchema = z.strictObject({
  round: uint8Schema,
  providerId: providerIdSchema,
  commitment: bytes32Schema,
  signature: signatureSchema,
})
export type CommitmentBody = z.output<typeof commitmentBodySchema>

/** `POST /v1/jobs/:jobId/reveals`: a hash and never the result, which nobody has paid for yet. */
export const revealBodySchema = z.strictObject({
  round: uint8Schema,
  providerId: providerIdSchema,
  salt: bytes32Schema,
  outputHash: bytes32Schema,
  /** SeatReveal of the provider's signing key. */
  signature: signatureSchema,
})
export type RevealBody = z.output<typeof revealBodySchema>

/** `POST /v1/jobs/:jobId/openings`. */
export const openingBodySchema = z.strictObject({
  round: uint8Schema,
  providerId: providerIdSchema,
  salt: bytes32Schema,
  result: inferenceResultSchema,
  receipt: signedReceiptSchema,
})
export type OpeningBody = z.output<typeof openingBodySchema>

/** `POST /v1/jobs/:jobId/progress`. */
export const progressBodySchema = z.strictObject({
  round: uint8Schema,
  providerId: providerIdSchema,
  /** Tokens generated so far. */
  tokens: z.int().min(0).max(limits.maxTokens),
})

/** `POST /v1/jobs/:jobId/decline`: the node will not run this job. */
export const declineBodySchema = z.strictObject({
  round: uint8Schema,
  providerId: providerIdSchema,
  /** Error code of the reason. */
  code: z.string().max(64),
})
