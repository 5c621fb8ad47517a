import type {
  ChannelConfig,
  JobId,
  ProviderId,
  SignedCheckpoint,
  SignedReceipt,
  Stream,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelState } from './channelChain.ts'
import type { VoucherKey } from './voucherKey.ts'

/** What the purse is about to do with a channel on chain; saved before it is sent. */
export type ChannelIntent =
  | { kind: 'openChannel' | 'topUp'; amountWei: bigint; fundedBeforeWei: bigint }
  | { kind: 'startClose' | 'close' }

/** A channel as the purse keeps it. Amounts are DUCK wei since it was opened. */
export type ChannelRecord = {
  channelId: Hex
  config: ChannelConfig
  /** Counts the channels to one provider; the salt comes from it. */
  index: number
  /** As last read. */
  onChain: ChannelState
  /** Largest voucher that may have been signed. */
  voucherWei: bigint
  /** Sum of the verified amounts of streams that have ended. */
  settledWei: bigint
  /** What the provider's books say beyond that, for streams whose receipt cannot be had; never more than a voucher. */
  concededWei: bigint
  /** What the provider proved, and what it could not prove by this buyer's own fault: grows its cap. */
  provenWei: bigint
  intent: ChannelIntent | null
  /** Unix milliseconds. */
  lastUsedAtMs: number
  /** Why it must not be used any more. */
  fault: { code: string; message: string } | null
}

/** A stream as the purse keeps it. */
export type StreamRecord = {
  streamId: JobId
  providerId: ProviderId
  stream: Stream
  /** `lost`: how it ended is not known yet. */
  state: 'open' | 'lost' | 'ended'
  /** Most that it may cost by the vouchers so far, DUCK wei. */
  promisedWei: bigint
  /** By the provider's latest verified statement, DUCK wei. */
  amountWei: bigint
  checkpoint: SignedCheckpoint | null
  receipt: SignedReceipt | null
  /** Unix milliseconds. */
  openedAtMs: number
}

/** What is written at once. */
export type PurseChange = { channel?: ChannelRecord | undefined; stream?: StreamRecord | undefined }

/**
 * Keeps the purse over restarts. There are two kinds of kept: what is saved outlives this process however that ends;
 * what is flushed outlives the machine too.
 */
export type PurseStore = {
  /** The purse's own key, made at random when the purse is: no other purse of the account has it. */
  readonly voucherKey: VoucherKey
  /** All channels, and the streams that have not ended. */
  load(): Promise<{ channels: ChannelRecord[]; streams: StreamRecord[] }>
  /**
   * Writes all of a change or nothing. What was saved earlier is never kept for a shorter time than what came after it.
   * @throws DuckMeshError `STORE_UNAVAILABLE`; `STREAM_KNOWN` for a nonce that was used on this channel before
   */
  save(change: PurseChange): Promise<void>
  /**
   * Resolves when all that was saved before the call is on disk.
   * @throws DuckMeshError `STORE_UNAVAILABLE`, from then on always: nobody knows what a disk has that failed once
   */
  flushed(): Promise<void>
  close(): Promise<void>
}
