import type { ChannelConfig, JobId, SignedVoucher } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelRow, ChannelSight } from '../ports/ledger.ts'

type Waiter = { streamId: JobId; upToWei: bigint; settle: (reserved: boolean) => void }

/**
 * One channel in memory: what may be given on it, and who has reserved how much of that. Streams that run side by side
 * share one voucher; each reserves what a piece costs before it is given, so all of them together never pass
 * `min(voucher, funded)`. Amounts are DUCK wei since the channel was opened.
 */
export class ChannelBook {
  readonly channelId: Hex
  readonly config: ChannelConfig
  readonly #marginSeconds: number
  readonly #chainSeconds: () => number
  readonly #reserved = new Map<JobId, bigint>()
  readonly #waiters: Waiter[] = []
  #sight: ChannelSight
  #voucher: SignedVoucher | null
  #endedWei: bigint

  /**
   * @param marginSeconds time before the payer could have its money back in which nothing is given any more
   * @param chainSeconds time of the chain now, unix seconds
   */
  constructor(row: ChannelRow, marginSeconds: number, chainSeconds: () => number) {
    this.channelId = row.channelId
    this.config = row.config
    this.#sight = row.sight
    this.#voucher = row.voucher
    this.#endedWei = row.endedWei
    this.#marginSeconds = marginSeconds
    this.#chainSeconds = chainSeconds
  }

  get sight(): ChannelSight {
    return this.#sight
  }

  get voucher(): SignedVoucher | null {
    return this.#voucher
  }

  get voucherWei(): bigint {
    return this.#voucher?.maxCumulativeWei ?? 0n
  }

  /** What ended streams cost, and what running ones have reserved. */
  get committedWei(): bigint {
    return [...this.#reserved.values()].reduce((sum, wei) => sum + wei, this.#endedWei)
  }

  /** What ended streams cost. */
  get endedWei(): bigint {
    return this.#endedWei
  }

  get openStreams(): JobId[] {
    return [...this.#reserved.keys()]
  }

  /**
   * Last second in which something may be given: after it the payer could have taken back what pays for it. Without
   * news from the chain that is counted from the last look, since a close may have been started right behind it.
   */
  get safeUntil(): number {
    const { closableAfter, seenAt } = this.#sight
    const earliest = closableAfter === 0 ? seenAt + this.config.withdrawDelay : closableAfter
    return earliest - this.#marginSeconds
  }

  /** Most that may be committed now. */
  get limitWei(): bigint {
    if (this.#chainSeconds() > this.safeUntil) return 0n
    const { fundedWei } = this.#sight
    return fundedWei < this.voucherWei ? fundedWei : this.voucherWei
  }

  /** What running streams that wait want on top of what is committed. */
  get wantedWei(): bigint {
    return this.#waiters.reduce((sum, { streamId }) => sum + this.waitsForWei(streamId), 0n)
  }

  /** What one stream waits for on top of what it has reserved; 0 when it does not wait. */
  waitsForWei(streamId: JobId): bigint {
    const waiter = this.#waiters.find((one) => one.streamId === streamId)
    return waiter ? waiter.upToWei - this.reservedWei(streamId) : 0n
  }

  /** Enters a stream that runs, with what is reserved for it from the start. */
  enter(streamId: JobId, reserveWei: bigint): void {
    this.#reserved.set(streamId, reserveWei)
  }

  /** What a stream that runs has reserved. */
  reservedWei(streamId: JobId): bigint {
    return this.#reserved.get(streamId) ?? 0n
  }

  /**
   * Reserves, so that a stream may cost `upToWei` in all. Those that wait come first.
   * @returns false when the channel does not hold it, or holds it for another
   */
  reserve(streamId: JobId, upToWei: bigint): boolean {
    const haveWei = this.#reserved.get(streamId)
    if (haveWei === undefined) return false
    if (upToWei <= haveWei) return true
    return this.#waiters.length === 0 && this.#take(streamId, upToWei)
  }

  /**
   * Waits until the channel holds what a stream wants, in turn with others.
   * @param end ends the wait
   * @returns whether it is reserved
   */
  async waitFor(streamId: JobId, upToWei: bigint, end: AbortSignal): Promise<boolean> {
    if (end.aborted) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { streamId, upToWei, settle: resolve }
    const giveUp = () => {
      const index = this.#waiters.indexOf(waiter)
      if (index >= 0) this.#waiters.splice(index, 1)
      resolve(false)
      this.#serve()
    }
    this.#waiters.push(waiter)
    end.addEventListener('abort', giveUp, { once: true })
    this.#serve()
    const isReserved = await promise
    end.removeEventListener('abort', giveUp)
    return isReserved
  }

  /** A stream has ended and costs `amountWei`; what it had reserved beyond that is free. */
  leave(streamId: JobId, amountWei: bigint): void {
    if (!this.#reserved.delete(streamId)) return
    this.#endedWei += amountWei
    this.#serve()
  }

  /** @returns whether the voucher is larger than the one that was there */
  raise(voucher: SignedVoucher): boolean {
    if (voucher.maxCumulativeWei <= this.voucherWei) return false
    this.#voucher = voucher
    this.#serve()
    return true
  }

  /** What the chain shows now. */
  see(sight: ChannelSight): void {
    this.#sight = sight
    this.#serve()
  }

  #take(streamId: JobId, upToWei: bigint): boolean {
    const addedWei = upToWei - this.reservedWei(streamId)
    if (this.committedWei + addedWei > this.limitWei) return false
    this.#reserved.set(streamId, upToWei)
    return true
  }

  #serve(): void {
    for (let first = this.#waiters[0]; first; first = this.#waiters[0]) {
      if (!this.#reserved.has(first.streamId)) first.settle(false)
      else if (this.#take(first.streamId, first.upToWei)) first.settle(true)
      else return
      this.#waiters.shift()
    }
  }
}
