import { parseDuck } from '@duckmesh/protocol'

/** How the purse may use the buyer's money. Amounts are DUCK wei. */
export type PursePolicy = {
  /** Most that all channels may hold at once. What the buyer spends in all is bounded by what it deposits. */
  budgetWei: bigint
  /** What a channel is opened and topped up with, when a request needs no more. */
  depositWei: bigint
  /** A channel with less than this left beyond its voucher is topped up before a request needs it. */
  topUpBelowWei: bigint
  /** Most that a provider may hold in vouchers beyond what it proved, before it has proved anything: see `exposureCapWei`. */
  strangerCapWei: bigint
  /** Most channels that are not closed. */
  maxChannels: number
  /** A channel without a stream for so long is closed, milliseconds. */
  idleCloseMs: number
  /** Seconds between the start of a close and the close; part of the channel's id, see `ChannelConfig`. */
  withdrawDelay: number
  /** Providers, counted from 1, that are searched for channels which the store does not know, at start. */
  searchedProviders: number
}

/** What holds where a caller says nothing else. */
export const defaultPolicy: PursePolicy = {
  budgetWei: parseDuck('100'),
  depositWei: parseDuck('1'),
  topUpBelowWei: parseDuck('0.25'),
  strangerCapWei: parseDuck('0.05'),
  maxChannels: 16,
  idleCloseMs: 6 * 3_600_000,
  withdrawDelay: 3_600,
  searchedProviders: 256,
}

/**
 * Most that a provider may hold in vouchers beyond what it has proved, over all streams of its channel: the stranger cap
 * plus all that it earned in streams that ended well. Whoever cheats once gets at most about as much again as honest
 * work has brought it before, and starts from the stranger cap after that.
 * @example exposureCapWei({ strangerCapWei: 5n }, { provenWei: 20n }) // 25n
 */
export const exposureCapWei = (
  { strangerCapWei }: Pick<PursePolicy, 'strangerCapWei'>,
  { provenWei }: { provenWei: bigint },
): bigint => strangerCapWei + provenWei
