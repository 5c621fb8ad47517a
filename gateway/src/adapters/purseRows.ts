import {
  bytes32Schema,
  channelConfigSchema,
  providerIdSchema,
  signedCheckpointSchema,
  signedReceiptSchema,
  streamSchema,
  unixSecondsSchema,
  weiSchema,
} from '@duckmesh/protocol'
import { z } from 'zod'
import type { ChannelRecord, StreamRecord } from '../ports/purseStore.ts'

const stateSchema = z.strictObject({
  fundedWei: weiSchema,
  claimedWei: weiSchema,
  closableAfter: unixSecondsSchema,
  isOpened: z.boolean(),
})

const intentSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['openChannel', 'topUp']),
    amountWei: weiSchema,
    fundedBeforeWei: weiSchema,
  }),
  z.strictObject({ kind: z.enum(['startClose', 'close']) }),
])

/** Stored form of a channel: its wire form as JSON. */
export const channelRecordSchema = z.strictObject({
  channelId: bytes32Schema,
  config: channelConfigSchema,
  index: z.int().min(0),
  onChain: stateSchema,
  voucherWei: weiSchema,
  settledWei: weiSchema,
  concededWei: weiSchema,
  provenWei: weiSchema,
  intent: intentSchema.nullable(),
  lastUsedAtMs: z.int(),
  fault: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
}) satisfies z.ZodType<ChannelRecord, unknown>

/** Stored form of a stream. */
export const streamRecordSchema = z.strictObject({
  streamId: bytes32Schema,
  providerId: providerIdSchema,
  stream: streamSchema,
  state: z.enum(['open', 'lost', 'ended']),
  promisedWei: weiSchema,
  amountWei: weiSchema,
  checkpoint: signedCheckpointSchema.nullable(),
  receipt: signedReceiptSchema.nullable(),
  openedAtMs: z.int(),
}) satisfies z.ZodType<StreamRecord, unknown>
