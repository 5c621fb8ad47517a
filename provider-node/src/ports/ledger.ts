import type { ChannelConfig, Chunk, JobId, SignedVoucher, Stream, StreamEnd } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChainChannel } from './chain.ts'

/** A channel as the chain showed it. */
export type ChannelSight = Omit<ChainChannel, 'opened'> & {
  /** Time of the chain at that moment, unix seconds. */
  seenAt: number
}

/** A channel in the books. Amounts are DUCK wei since it was opened. */
export type ChannelRow = {
  channelId: Hex
  config: ChannelConfig
  sight: ChannelSight
  /** The largest one; null before the first stream. */
  voucher: SignedVoucher | null
  /** What the streams that have ended cost. */
  endedWei: bigint
}

/** How far a stream has come: what was given and what that costs. */
export type StreamProgress = {
  chunks: number
  /** Head of the hash chain after them. */
  head: Hex
  promptTokens: number
  completionTokens: number
  /** DUCK wei. */
  amountWei: bigint
}

/** A stream in the books. */
export type StreamRow = StreamProgress & {
  streamId: JobId
  stream: Stream
  /** Unix seconds. */
  startedAt: number
  /** How it ended, with the one receipt; null while it runs. */
  end: StreamEnd | null
}

/**
 * The provider's books of the streaming lane. Every method is one transaction: when it returns, no end of the process
 * can undo it. What a power cut must not undo either is waited for by `flushed`.
 *
 * The database itself refuses what must never happen: a voucher or an amount that falls, more owed than the voucher
 * allows, a second end of a stream, a second stream under a nonce.
 */
export type Ledger = {
  channel(channelId: Hex): ChannelRow | undefined
  /** Channels with streams that run, or with something that was not claimed when they were last seen. */
  unclaimedChannels(): ChannelRow[]
  /** Notes what the chain shows; opens the books of a channel that is new. */
  see(channelId: Hex, config: ChannelConfig, sight: ChannelSight): void
  /** Keeps a voucher when it is larger than the one that is there. */
  raise(channelId: Hex, voucher: SignedVoucher): void
  /**
   * Begins a stream on a known channel, together with the voucher that pays for it.
   * @throws DuckMeshError `STREAM_KNOWN` when the nonce was used on this channel
   */
  begin(stream: Stream, streamId: JobId, startedAt: number, voucher: SignedVoucher): StreamRow
  stream(streamId: JobId): StreamRow | undefined
  streamByNonce(channelId: Hex, nonce: bigint): StreamRow | undefined
  /** Streams without an end, of one channel or of all. */
  running(channelId?: Hex): StreamRow[]
  /** Keeps a chunk and what the stream costs with it. */
  give(streamId: JobId, chunk: Chunk, progress: StreamProgress): void
  /** Chunks from an index on, at most `count`. Empty when they were dropped. */
  chunks(streamId: JobId, from: number, count: number): Chunk[]
  /** Ends a stream for good. @returns the end that stands */
  end(streamId: JobId, end: StreamEnd, endedAtMs: number): StreamEnd
  /**
   * Drops what nobody will ask for: chunks of streams that ended before `chunksBeforeMs`, the oldest of them before
   * that while all together have more than `maxChunkBytes`, and streams that ended before `streamsBeforeMs`.
   */
  sweep(limits: { chunksBeforeMs: number; maxChunkBytes: number; streamsBeforeMs: number }): void
  /** Resolves when everything written so far would survive a power cut. */
  flushed(): Promise<void>
  close(): void
}
