import { DuckMeshError } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelCall, ChannelChain, ChannelState } from '../ports/channelChain.ts'
import type { Observe, Stage } from '../ports/observe.ts'
import type { ChannelIntent, ChannelRecord } from '../ports/purseStore.ts'
import { greater, lesser } from './amounts.ts'
import type { PurseBook } from './book.ts'
import type { PursePolicy } from './policy.ts'

/** What a step of each kind is called when it is saved and when it was sent. */
const stagesOf: Record<ChannelIntent['kind'], [Stage, Stage]> = {
  openChannel: ['opening-saved', 'opening-sent'],
  topUp: ['top-up-saved', 'top-up-sent'],
  startClose: ['close-saved', 'close-sent'],
  close: ['close-saved', 'close-sent'],
}

/**
 * Moves money between the payer's free balance and its channels. Each step is saved before it is sent, and whether it
 * was done is read from the chain and never taken from how sending ended.
 */
export class Funding {
  readonly #book: PurseBook
  readonly #chain: ChannelChain
  readonly #policy: PursePolicy
  readonly #observe: Observe
  /** One step of a channel at a time; who comes second waits for the first. */
  readonly #running = new Map<Hex, Promise<void>>()

  constructor(book: PurseBook, chain: ChannelChain, policy: PursePolicy, observe: Observe) {
    this.#book = book
    this.#chain = chain
    this.#policy = policy
    this.#observe = observe
  }

  /**
   * Makes a channel hold at least `needWei` since it was opened: opens it, tops it up, or ends its close.
   * @throws DuckMeshError `INSUFFICIENT_FUNDS` by the free balance or the budget, `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`
   */
  ensure(channelId: Hex, needWei: bigint): Promise<void> {
    return this.#single(channelId, async () => {
      await this.#resolve(channelId)
      const { onChain } = this.#book.channel(channelId)
      if (onChain.isOpened && onChain.closableAfter === 0 && onChain.fundedWei >= needWei) return
      const freeWei = await this.#chain.freeWei()
      const shortWei = greater(1n, needWei - onChain.fundedWei)
      await this.#take(channelId, () => ({
        kind: onChain.isOpened ? 'topUp' : 'openChannel',
        amountWei: this.#amountWei(shortWei, freeWei),
        fundedBeforeWei: onChain.fundedWei,
      }))
      this.#observe(onChain.isOpened ? 'topped-up' : 'opened')
    })
  }

  /** Starts the close of a channel, or closes it when its delay is over; whatever it was about to do is cleared up first. */
  close(channelId: Hex, kind: 'startClose' | 'close'): Promise<void> {
    return this.#single(channelId, async () => {
      await this.#resolve(channelId)
      await this.#take(channelId, () => ({ kind }))
    })
  }

  /** Finds out how a step ended that was saved before a crash. */
  resolve(channelId: Hex): Promise<void> {
    return this.#single(channelId, () => this.#resolve(channelId))
  }

  async #single(channelId: Hex, step: () => Promise<void>): Promise<void> {
    for (let other = this.#running.get(channelId); other; other = this.#running.get(channelId)) {
      await other.catch(() => undefined) // its own caller hears of it
    }
    const mine = step().finally(() => this.#running.delete(channelId))
    this.#running.set(channelId, mine)
    return mine
  }

  #amountWei(shortWei: bigint, freeWei: bigint): bigint {
    const heldWei = this.#book.channels.reduce((sum, { onChain, intent }) => {
      const onItsWayWei = intent && 'amountWei' in intent ? intent.amountWei : 0n
      return sum + onChain.fundedWei - onChain.claimedWei + onItsWayWei
    }, 0n)
    const budgetLeftWei = greater(0n, this.#policy.budgetWei - heldWei)
    const mostWei = lesser(freeWei, budgetLeftWei)
    if (mostWei < shortWei) {
      const details = {
        neededWei: String(shortWei),
        freeWei: String(freeWei),
        budgetLeftWei: String(budgetLeftWei),
      }
      throw new DuckMeshError('INSUFFICIENT_FUNDS', 'There is not enough DUCK for a channel.', details)
    }
    return lesser(mostWei, greater(shortWei, this.#policy.depositWei))
  }

  async #take(channelId: Hex, intend: () => ChannelIntent): Promise<void> {
    const { channel } = await this.#book.change(() => ({
      channel: { ...this.#book.channel(channelId), intent: intend() },
    }))
    await this.#book.flushed()
    const [saved, sent] = stagesOf[channel.intent!.kind]
    this.#observe(saved)
    let failure: unknown
    try {
      await this.#chain.send(callOf(channel, channel.intent!))
    } catch (thrown) {
      failure = thrown
    }
    this.#observe(sent)
    await this.#resolve(channelId, failure)
  }

  /** Reads whether the saved step was done; `failure` is how sending it ended in this process. */
  async #resolve(channelId: Hex, failure?: unknown): Promise<void> {
    const { intent } = this.#book.channel(channelId)
    if (!intent) return
    const isQuiet = await this.#chain.isQuiet()
    const [onChain] = await this.#chain.channels([channelId])
    const isDone = wasDone(intent, onChain!)
    if (!isDone && !isQuiet) {
      // it may still be mined: doing it again could do it twice
      const message = 'A transaction is on its way, and nobody knows yet how it ends.'
      throw new DuckMeshError('CHAIN_UNAVAILABLE', message, { channelId, kind: intent.kind })
    }
    await this.#book.change(() => ({
      channel: { ...this.#book.channel(channelId), onChain: onChain!, intent: null },
    }))
    if (!isDone && failure !== undefined) throw failure
  }
}

const callOf = ({ config }: ChannelRecord, intent: ChannelIntent): ChannelCall =>
  'amountWei' in intent
    ? { kind: intent.kind, config, amountWei: intent.amountWei }
    : { kind: intent.kind, config }

function wasDone(intent: ChannelIntent, onChain: ChannelState): boolean {
  if (intent.kind === 'openChannel') return onChain.isOpened
  if (intent.kind === 'topUp') return onChain.fundedWei > intent.fundedBeforeWei
  return intent.kind === 'startClose' ? onChain.closableAfter > 0 : onChain.closableAfter === 0
}
