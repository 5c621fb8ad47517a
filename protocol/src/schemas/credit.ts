import { z } from 'zod'
import { addressSchema, bytes32Schema, hexSchema, unixSecondsSchema, weiSchema } from './primitives.ts'

/** `POST /v1/gateway/keys`: a new API key for the caller's credit. */
export const apiKeyBodySchema = z.strictObject({
  /** For people. */
  label: z.string().max(64).default(''),
  /** Most that requests with this key may ever cost together, DUCK wei; null for all of the credit. */
  limitWei: weiSchema.nullable().default(null),
})
export type ApiKeyBody = z.output<typeof apiKeyBodySchema>

/** An API key as it is listed: the key itself is told once, when it is made. */
export const apiKeySchema = z.strictObject({
  keyId: z.string(),
  label: z.string(),
  limitWei: weiSchema.nullable(),
  /** What requests with it have cost, those that run counted with what is held for them, DUCK wei. */
  committedWei: weiSchema,
  createdAtMs: z.int(),
  revokedAtMs: z.int().nullable(),
})
export type ApiKey = z.output<typeof apiKeySchema>

/** `POST /v1/gateway/credit`: the caller's ERC-3009 ReceiveWithAuthorization to the gateway's address. */
export const topUpBodySchema = z.strictObject({
  amountWei: weiSchema,
  validAfter: unixSecondsSchema,
  validBefore: unixSecondsSchema,
  nonce: bytes32Schema,
  /** 65 bytes, or what the ERC-1271 wallet of the caller accepts. */
  signature: hexSchema,
})
export type TopUpBody = z.output<typeof topUpBodySchema>

/** `POST /v1/gateway/withdrawals`: credit that goes back, to the caller's own address. */
export const withdrawalBodySchema = z.strictObject({ amountWei: weiSchema })

/** A top-up or a withdrawal: one ERC-3009 authorization on its way. */
export const transferSchema = z.strictObject({
  /** Nonce of the authorization. */
  nonce: bytes32Schema,
  direction: z.enum(['in', 'out']),
  amountWei: weiSchema,
  /** `failed`: it can never happen any more; what was taken from the credit is back. */
  state: z.enum(['open', 'done', 'failed']),
  /** Blocks that must still come before it counts; null while it is in no block, or the chain cannot be asked. */
  blocksLeft: z.int().min(0).nullable(),
})
export type Transfer = z.output<typeof transferSchema>

/** `GET /v1/gateway/credit`: money of the caller that the gateway holds. */
export const creditSchema = z.strictObject({
  /** Address to pay to, and the token. */
  payee: addressSchema,
  token: addressSchema,
  /** Can be spent or withdrawn, DUCK wei. */
  freeWei: weiSchema,
  /** Put aside for requests that run. */
  heldWei: weiSchema,
  /** Spent ever. */
  spentWei: weiSchema,
  /** Least that can be topped up. */
  minTopUpWei: weiSchema,
  transfers: z.array(transferSchema),
})
export type Credit = z.output<typeof creditSchema>
