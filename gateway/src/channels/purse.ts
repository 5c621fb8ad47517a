import {
  type JobId,
  type SignedCheckpoint,
  type SignedReceipt,
  type SignedVoucher,
  type SkipReason,
  type StreamEnd,
  voucherTypedData,
} from '@duckmesh/protocol'
import pLimit from 'p-limit'
import type { Hex } from 'viem'
import type { ChannelRecord, StreamRecord } from '../ports/purseStore.ts'
import { exposureWei, greater, lesser, promisedTotalWei } from './amounts.ts'
import { type Doubt, owedDoubt } from './doubts.ts'
import { firstFunded } from './funded.ts'
import { exposureCapWei } from './policy.ts'
import type { PurseParts } from './purseParts.ts'
import { type Hold, type ReserveTerms, reserve } from './reserve.ts'

/**
 * Pays for streams. A voucher is raised, saved and then signed; it is never lowered. What is owed is what providers
 * proved by statements that were verified, never the voucher.
 */
export class Purse {
  readonly #parts: PurseParts
  readonly #signInTurn = pLimit(1)
  /** Newest voucher of each channel. */
  readonly #signed = new Map<Hex, SignedVoucher>()

  constructor(parts: PurseParts) {
    this.#parts = parts
  }

  /** Promises money to a provider for one stream, see `reserve`. */
  reserve(terms: ReserveTerms): Promise<Hold | SkipReason> {
    return reserve(this.#parts, terms)
  }

  /**
   * The newest voucher of a stream's channel. It is the one way in which a promise leaves, so it waits until all that it
   * promises is on disk, which goes on while it is signed.
   */
  async voucher(channelId: Hex): Promise<SignedVoucher> {
    const { book } = this.#parts
    const { voucher, flushed } = await this.#signInTurn(async () => {
      const maxCumulativeWei = book.channel(channelId).voucherWei
      const flushed = book.flushed()
      flushed.catch(() => undefined) // when signing fails, nobody waits for it
      return { voucher: await this.#sign(channelId, maxCumulativeWei), flushed }
    })
    await flushed
    return voucher
  }

  /** Streams that begin together share one voucher, and one signature. */
  async #sign(channelId: Hex, maxCumulativeWei: bigint): Promise<SignedVoucher> {
    const { key, domain } = this.#parts
    const last = this.#signed.get(channelId)
    if (last?.maxCumulativeWei === maxCumulativeWei) return last
    const signature = await key.signTypedData(voucherTypedData(domain, { channelId, maxCumulativeWei }))
    const voucher = { maxCumulativeWei, signature }
    this.#signed.set(channelId, voucher)
    return voucher
  }

  /**
   * Promises more to a stream whose provider waits for it.
   * @param needWei least voucher that lets it go on
   * @param limitWei most that the stream may cost
   * @returns a voucher, which is less than `needWei` when limit, cap or money do not allow more; undefined when they
   * allow nothing beyond the last one
   */
  async raise(streamId: JobId, needWei: bigint, limitWei: bigint): Promise<SignedVoucher | undefined> {
    const { book, funding, policy, observe } = this.#parts
    const channelId = book.stream(streamId)?.stream.channelId
    if (!channelId) return undefined
    const promise = (stream: StreamRecord, channel: ChannelRecord) => {
      const others = book.running(channelId).filter((one) => one !== stream)
      const capLeftWei = exposureCapWei(policy, channel) - exposureWei(channel, others)
      const promisedWei = greater(stream.promisedWei, lesser(limitWei, stream.amountWei + capLeftWei))
      return { promisedWei, totalWei: promisedTotalWei(channel, others) + promisedWei }
    }
    const before = book.channel(channelId)
    if (needWei > before.voucherWei) {
      const { totalWei } = promise(book.stream(streamId)!, before)
      // without more money it goes on as far as the channel reaches
      if (lesser(needWei, totalWei) > before.onChain.fundedWei) {
        await firstFunded([totalWei, lesser(needWei, totalWei)], (amountWei) =>
          funding.ensure(channelId, amountWei),
        )
      }
    }
    const change = await book.change(() => {
      const stream = book.stream(streamId)
      const channel = book.channel(channelId)
      if (!stream || channel.fault) return undefined
      const { promisedWei, totalWei } = promise(stream, channel)
      const voucherWei = greater(channel.voucherWei, lesser(totalWei, channel.onChain.fundedWei))
      if (voucherWei === channel.voucherWei && voucherWei < needWei) return undefined
      return { channel: { ...channel, voucherWei }, stream: { ...stream, promisedWei } }
    })
    if (!change) return undefined
    observe('raise-saved')
    return this.voucher(channelId)
  }

  /** Saves a verified checkpoint. */
  async prove(streamId: JobId, checkpoint: SignedCheckpoint): Promise<void> {
    const { book, observe } = this.#parts
    await book.change(() => {
      const stream = book.stream(streamId)
      if (!stream) return undefined
      const amountWei = greater(stream.amountWei, checkpoint.checkpoint.amountWei)
      return { stream: { ...stream, checkpoint, amountWei } }
    })
    observe('checkpoint-saved')
  }

  /** Whether other streams run on the channel of this one: what is missing on it may come free when they end. */
  isShared(streamId: JobId): boolean {
    const { book } = this.#parts
    const channelId = book.stream(streamId)?.stream.channelId
    return channelId !== undefined && book.running(channelId).length > 1
  }

  /** Saves the verified receipt of a stream, which ends it: its amount is owed, and the provider's cap grows by it. */
  async finish(streamId: JobId, { chunks, receipt }: Pick<StreamEnd, 'chunks' | 'receipt'>): Promise<void> {
    const { book, observe, onFreed } = this.#parts
    const { amountWei, providerId } = receipt.receipt
    // one that was given nothing, for want of a slot perhaps, has freed none
    const isFreed = book.stream(streamId) !== undefined && chunks > 0
    await this.#end(streamId, amountWei, (channel) => ({ provenWei: channel.provenWei + amountWei }), receipt)
    observe('receipt-saved')
    if (isFreed) onFreed(providerId)
  }

  /** Ends a stream that its provider refuses: what it has proved is owed, which is nothing when it never began. */
  async drop(streamId: JobId): Promise<void> {
    await this.#end(streamId, this.#parts.book.stream(streamId)?.amountWei ?? 0n, () => ({}))
  }

  /**
   * Ends a stream whose provider sent what does not fit its own statements. Nothing beyond its last verified statement
   * is owed, its channel is given up, and it is a stranger again.
   */
  async accuse(streamId: JobId, fault: Doubt): Promise<void> {
    const proven = this.#parts.book.stream(streamId)?.amountWei ?? 0n
    await this.#end(streamId, proven, () => ({ fault, provenWei: 0n }))
  }

  /** Gives up a channel whose provider says that more is owed than was ever promised. */
  async checkOwed(channelId: Hex, saidWei: bigint): Promise<void> {
    const { book } = this.#parts
    await book.change(() => {
      const channel = book.channel(channelId)
      const fault = owedDoubt(channel, saidWei)
      return fault && !channel.fault ? { channel: { ...channel, fault, provenWei: 0n } } : undefined
    })
  }

  /** Keeps a stream whose end is not known yet; its promise stays counted until its receipt or the books are there. */
  async lose(streamId: JobId): Promise<void> {
    const { book } = this.#parts
    await book.change(() => {
      const stream = book.stream(streamId)
      return stream && { stream: { ...stream, state: 'lost' as const } }
    })
  }

  async #end(
    streamId: JobId,
    amountWei: bigint,
    more: (channel: ChannelRecord) => Partial<ChannelRecord>,
    receipt: SignedReceipt | null = null,
  ): Promise<void> {
    const { book, clock } = this.#parts
    await book.change(() => {
      const stream = book.stream(streamId)
      if (!stream) return undefined
      const channel = book.channel(stream.stream.channelId)
      return {
        channel: {
          ...channel,
          settledWei: channel.settledWei + amountWei,
          lastUsedAtMs: clock.nowMs(),
          ...more(channel),
        },
        stream: { ...stream, state: 'ended' as const, amountWei, receipt },
      }
    })
  }
}
