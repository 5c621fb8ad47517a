import {
  type ChannelConfig,
  channelIdOf,
  type JobId,
  type ProviderId,
  type SkipReason,
  type Stream,
  type StreamPrice,
  streamIdOf,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelRecord } from '../ports/purseStore.ts'
import { exposureWei, greater, lesser, promisedTotalWei } from './amounts.ts'
import { channelConfigOf } from './config.ts'
import { firstFunded } from './funded.ts'
import { exposureCapWei } from './policy.ts'
import type { PurseParts } from './purseParts.ts'
import { stateOf } from './view.ts'

/** What a stream is to be bought for. */
export type ReserveTerms = {
  providerId: ProviderId
  price: StreamPrice
  requestHash: Hex
  policy: Hex
  /** Number of the mode, see `verificationModes`. */
  mode: number
  /** Most that it may cost, DUCK wei. */
  limitWei: bigint
  /** Least first promise that the provider wants, DUCK wei. */
  leastWei: bigint
  /** Last unix second in which the provider may begin. */
  expiresAt: number
}

/** A stream that may be sent: its voucher is on disk. */
export type Hold = {
  streamId: JobId
  stream: Stream
  config: ChannelConfig
  limitWei: bigint
}

/** What a channel must hold before a promise fits, DUCK wei. */
type Shortage = { wishWei: bigint; leastWei: bigint }

/** Times that a channel is filled for one stream; others may take the room each time. */
const ROUNDS = 5

/**
 * Promises money to a provider for one stream, opening or topping up its channel first where that is needed. The first
 * promise is the whole limit, or half of what is left of the provider's cap when that is less, so that several streams
 * can run side by side; never less than the provider wants.
 * @returns the stream to send, or why the provider cannot be paid
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`, `STORE_UNAVAILABLE`
 */
export async function reserve(parts: PurseParts, terms: ReserveTerms): Promise<Hold | SkipReason> {
  const { book, funding, policy } = parts
  const leastWei = lesser(terms.leastWei, terms.limitWei)
  if (policy.strangerCapWei < leastWei && capOf(parts, terms.providerId) < leastWei) return 'STRANGER_CAP'
  for (let round = 0; round < ROUNDS; round++) {
    const planned = await channelFor(parts, terms.providerId)
    if (typeof planned === 'string') return planned
    const placed = await place(parts, planned.channelId, terms, leastWei)
    if (typeof placed === 'string' || 'streamId' in placed) return placed
    // what running streams do not use of their promises comes free
    const isPassing = book.running(planned.channelId).some(({ state }) => state === 'open')
    const isFunded = await firstFunded([placed.wishWei, placed.leastWei], (needWei) =>
      funding.ensure(planned.channelId, needWei),
    )
    if (!isFunded) return isPassing ? 'AT_CAPACITY' : 'BUDGET_SPENT'
    // a close that was started meanwhile, or another stream, may have taken the room: then once more
    if (book.channel(planned.channelId).fault) return 'FAILED_RECENTLY'
  }
  return 'AT_CAPACITY'
}

function capOf({ book, policy }: PurseParts, providerId: ProviderId): bigint {
  const usable = book.channelsTo(providerId).find(({ fault }) => fault === null)
  return exposureCapWei(policy, usable ?? { provenWei: 0n })
}

/** The usable channel to a provider, planned and saved when there is none. */
async function channelFor(
  { book, policy, key, payer, domain, clock }: PurseParts,
  providerId: ProviderId,
): Promise<ChannelRecord | SkipReason> {
  const usable = () => book.channelsTo(providerId).find(({ fault }) => fault === null)
  const found = usable()
  if (found && stateOf(found) !== 'closed') return found
  const inUse = book.channels.filter((channel) => stateOf(channel) !== 'closed').length
  if (inUse >= policy.maxChannels) return 'CHANNEL_LIMIT'
  if (found) return found
  const change = await book.change(() => {
    if (usable()) return undefined
    const index = (book.channelsTo(providerId)[0]?.index ?? -1) + 1
    const parties = { payer, payerKey: key.address, providerId, withdrawDelay: policy.withdrawDelay }
    const config = channelConfigOf(parties, index)
    const channel: ChannelRecord = {
      channelId: channelIdOf(domain, config),
      config,
      index,
      onChain: { fundedWei: 0n, claimedWei: 0n, closableAfter: 0, isOpened: false },
      voucherWei: 0n,
      settledWei: 0n,
      concededWei: 0n,
      provenWei: 0n,
      intent: null,
      lastUsedAtMs: clock.nowMs(),
      fault: null,
    }
    return { channel }
  })
  return change?.channel ?? usable() ?? 'CHANNEL_LIMIT'
}

/** Saves the promise. @returns the stream, or what the channel must hold first, or why it cannot be promised */
async function place(
  { book, policy, clock, observe, domain, randomUint64 }: PurseParts,
  channelId: Hex,
  terms: ReserveTerms,
  leastWei: bigint,
): Promise<Hold | SkipReason | Shortage> {
  let refused: SkipReason | Shortage = 'STRANGER_CAP'
  const change = await book.change(() => {
    const channel = book.channel(channelId)
    const running = book.running(channelId)
    const capLeftWei = exposureCapWei(policy, channel) - exposureWei(channel, running)
    if (channel.fault || capLeftWei < leastWei) {
      // streams that run hold the cap: they end, so this is a matter of waiting
      const isPassing = running.length > 0
      refused = channel.fault ? 'FAILED_RECENTLY' : isPassing ? 'AT_CAPACITY' : 'STRANGER_CAP'
      return undefined
    }
    const wishWei = lesser(terms.limitWei, greater(leastWei, capLeftWei / 2n))
    const baseWei = promisedTotalWei(channel, running)
    const roomWei = isUsable(channel) ? channel.onChain.fundedWei - baseWei : 0n
    if (roomWei < leastWei || !isUsable(channel)) {
      refused = { wishWei: baseWei + wishWei, leastWei: baseWei + leastWei }
      return undefined
    }
    const promisedWei = lesser(wishWei, roomWei)
    const { providerId, price, requestHash, policy: profile, mode, expiresAt } = terms
    const nonce = randomUint64()
    const stream: Stream = { channelId, requestHash, policy: profile, mode, ...price, nonce, expiresAt }
    const voucherWei = greater(channel.voucherWei, baseWei + promisedWei)
    return {
      channel: { ...channel, voucherWei, lastUsedAtMs: clock.nowMs() },
      stream: {
        streamId: streamIdOf(domain, stream),
        providerId,
        stream,
        state: 'open' as const,
        promisedWei,
        amountWei: 0n,
        checkpoint: null,
        receipt: null,
        openedAtMs: clock.nowMs(),
      },
    }
  })
  if (!change) return refused
  observe('promise-saved')
  const { streamId, stream } = change.stream
  return { streamId, stream, config: change.channel.config, limitWei: terms.limitWei }
}

/** Whether a channel can be promised from as it is; a top-up on its way does not hinder. */
const isUsable = ({ onChain, intent }: ChannelRecord): boolean =>
  onChain.isOpened && onChain.closableAfter === 0 && (intent === null || intent.kind === 'topUp')
