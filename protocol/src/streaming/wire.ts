import { z } from 'zod'
import {
  addressSchema,
  bytes32Schema,
  providerIdSchema,
  signatureSchema,
  uint32Schema,
  unixSecondsSchema,
  weiSchema,
} from '../schemas/primitives.ts'
import { signedReceiptSchema } from '../schemas/statements.ts'
import type { ChannelConfig } from '../typed-data/channelConfig.ts'
import { signedCheckpointSchema } from './checkpoint.ts'
import { chunkSchema } from './chunk.ts'
import { streamFinishReasons } from './finishReason.ts'
import { streamRequestSchema } from './request.ts'
import { streamSchema } from './stream.ts'

/** Wire form of a ChannelConfig. */
export const channelConfigSchema = z.strictObject({
  payer: addressSchema,
  payerKey: addressSchema,
  providerId: providerIdSchema,
  withdrawDelay: unixSecondsSchema,
  salt: bytes32Schema,
}) satisfies z.ZodType<ChannelConfig, unknown>

/** A voucher of the stream's channel. */
export const signedVoucherSchema = z.strictObject({ maxCumulativeWei: weiSchema, signature: signatureSchema })
export type SignedVoucher = z.output<typeof signedVoucherSchema>

/** A StreamRequest sealed to the provider's key, RFC 9180: encapsulated key and ciphertext, base64. */
export const sealedSchema = z.strictObject({ encapsulated: z.base64().max(256), ciphertext: z.base64() })
export type Sealed = z.output<typeof sealedSchema>

/** `POST /v1/streams`: begins a stream, or goes on with one that this provider has begun and the client lost. */
export const streamBodySchema = z.strictObject({
  stream: streamSchema,
  channel: channelConfigSchema,
  voucher: signedVoucherSchema,
  /** The request itself, or the same sealed; exactly one of both. */
  request: streamRequestSchema.optional(),
  sealed: sealedSchema.optional(),
  /** Chunks that the client has already: the provider gives the ones after them. */
  afterChunks: uint32Schema.default(0),
})
export type StreamBody = z.output<typeof streamBodySchema>

/** `POST /v1/streams/:streamId/voucher`: pays on a stream that waits for it. */
export const streamVoucherBodySchema = z.strictObject({ voucher: signedVoucherSchema })

/** First event of a stream: it is accepted, and runs from now on. */
export const streamOpenSchema = z.strictObject({
  streamId: bytes32Schema,
  providerId: providerIdSchema,
  /** Chunks that follow were asked for before, up to this number. */
  storedChunks: uint32Schema,
})
/** The voucher is used up: the stream waits until one for at least `needWei` comes, at most until `untilMs`. */
export const streamPaySchema = z.strictObject({ needWei: weiSchema, untilMs: z.int() })
/** Last event of a stream that was begun, whole or cut: what it was and what it costs. */
export const streamEndSchema = z.strictObject({
  finishReason: z.enum(streamFinishReasons),
  chunks: uint32Schema,
  receipt: signedReceiptSchema,
  /** What the payer owes on the channel since it was opened, this stream included, DUCK wei. */
  owedWei: weiSchema,
  /** The error that ended it, in wire form, when `finishReason` is `error`. */
  error: z.unknown().optional(),
})
export type StreamEnd = z.output<typeof streamEndSchema>

/** Server-sent events of `POST /v1/streams`, by name. A sealed stream carries the same text sealed in `{"sealed":…}`. */
export const streamEventSchemas = {
  open: streamOpenSchema,
  chunk: chunkSchema,
  checkpoint: signedCheckpointSchema,
  pay: streamPaySchema,
  end: streamEndSchema,
} as const

/** `GET /v1/channels/:channelId`: the provider's books of a channel, for its payer. Amounts since it was opened. */
export const channelBooksSchema = z.strictObject({
  channelId: bytes32Schema,
  providerId: providerIdSchema,
  /** On chain, as the provider sees it. */
  fundedWei: weiSchema,
  claimedWei: weiSchema,
  closableAfter: unixSecondsSchema,
  /** What streams have cost; streams that run count up to their last chunk. */
  owedWei: weiSchema,
  /** Largest voucher. */
  voucherWei: weiSchema,
  /** Streams without an end yet. */
  openStreams: z.array(bytes32Schema).max(1_024),
})
export type ChannelBooks = z.output<typeof channelBooksSchema>
