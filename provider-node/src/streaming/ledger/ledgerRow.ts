import { channelConfigSchema, streamEndSchema, streamSchema, stringifyWire } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { z } from 'zod'
import type { ChannelRow, StreamRow } from '../../ports/ledger.ts'

/** Digits of the largest uint96. */
const WEI_DIGITS = 29

/** An amount as text that sorts as the number does. */
export const weiColumn = (wei: bigint): string => wei.toString().padStart(WEI_DIGITS, '0')

/** JSON text of a column; amounts become decimal strings. */
export const jsonColumn = (value: unknown): string => stringifyWire(value)

const json = <Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> =>
  schema.parse(JSON.parse(text))

/** A row of `channels` as SQLite gives it. */
export type StoredChannel = {
  channel_id: Hex
  config_json: string
  funded_wei: string
  claimed_wei: string
  closable_after: number
  seen_at: number
  voucher_wei: string
  voucher_signature: Hex | null
  ended_wei: string
}

/** A row of `streams` as SQLite gives it. */
export type StoredStream = {
  stream_id: Hex
  stream_json: string
  started_at: number
  chunks: number
  head: Hex
  prompt_tokens: number
  completion_tokens: number
  amount_wei: string
  end_json: string | null
}

/** @throws ZodError when the file was tampered with */
export const channelFromTable = (stored: StoredChannel): ChannelRow => ({
  channelId: stored.channel_id,
  config: json(channelConfigSchema, stored.config_json),
  sight: {
    fundedWei: BigInt(stored.funded_wei),
    claimedWei: BigInt(stored.claimed_wei),
    closableAfter: stored.closable_after,
    seenAt: stored.seen_at,
  },
  voucher:
    stored.voucher_signature === null
      ? null
      : { maxCumulativeWei: BigInt(stored.voucher_wei), signature: stored.voucher_signature },
  endedWei: BigInt(stored.ended_wei),
})

/** @throws ZodError when the file was tampered with */
export const streamFromTable = (stored: StoredStream): StreamRow => ({
  streamId: stored.stream_id,
  stream: json(streamSchema, stored.stream_json),
  startedAt: stored.started_at,
  chunks: stored.chunks,
  head: stored.head,
  promptTokens: stored.prompt_tokens,
  completionTokens: stored.completion_tokens,
  amountWei: BigInt(stored.amount_wei),
  end: stored.end_json === null ? null : json(streamEndSchema, stored.end_json),
})
