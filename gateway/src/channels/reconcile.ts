import { type ChannelBooks, channelIdOf } from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { ChannelChain } from '../ports/channelChain.ts'
import type { ChannelRecord } from '../ports/purseStore.ts'
import { greater, lesser, owedWei } from './amounts.ts'
import type { PurseBook } from './book.ts'
import { channelConfigOf } from './config.ts'
import { booksDoubt, chainDoubt, keyDoubt } from './doubts.ts'
import type { Funding } from './funding.ts'
import type { PursePolicy } from './policy.ts'

/** Reads all channels from the chain, and doubts those that do not fit the store. @throws DuckMeshError `CHAIN_UNAVAILABLE` */
export async function readChain(book: PurseBook, chain: ChannelChain): Promise<void> {
  const channelIds = book.channels.map(({ channelId }) => channelId)
  if (channelIds.length === 0) return
  const states = await chain.channels(channelIds)
  for (const [at, channelId] of channelIds.entries()) {
    await book.change(() => {
      const channel = book.channel(channelId)
      if (channel.intent) return undefined // whoever saved it reads how it ended
      const onChain = states[at]!
      const fault =
        channel.fault ?? chainDoubt(channel, onChain) ?? overclaim(book, channel, onChain.claimedWei)
      return { channel: { ...channel, onChain, fault } }
    })
  }
}

function overclaim(book: PurseBook, channel: ChannelRecord, claimedWei: bigint): ChannelRecord['fault'] {
  // while streams run, what no statement has come for yet may be claimed rightly, up to the voucher
  if (book.running(channel.channelId).length > 0) return null
  const dueWei = owedWei(channel, []) + channel.concededWei
  if (claimedWei <= dueWei) return null
  return { code: 'STREAM_INVALID', message: `${claimedWei} wei were claimed, and ${dueWei} wei were owed.` }
}

/** After a start: finds out how steps and streams ended that a crash interrupted, as far as the chain can say. */
export async function recover(
  book: PurseBook,
  funding: Funding,
  chain: ChannelChain,
  voucherKey: ChannelRecord['config']['payerKey'],
): Promise<void> {
  for (const { streamId, state } of book.streams) {
    if (state !== 'open') continue
    await book.change(() => {
      const stream = book.stream(streamId)
      return stream && { stream: { ...stream, state: 'lost' as const } }
    })
  }
  for (const { channelId, intent, fault } of book.channels) {
    await book.change(() => {
      const channel = book.channel(channelId)
      const doubt = fault ? undefined : keyDoubt(channel, voucherKey)
      return doubt && { channel: { ...channel, fault: doubt } }
    })
    if (intent) await funding.resolve(channelId)
  }
  await readChain(book, chain)
}

/**
 * Asks the chain for channels of this key that the store has forgotten, since an old copy was restored. Nobody knows
 * which vouchers were signed for them, so they are never used again, only closed: what is not claimed comes back.
 * Channels of other keys are other purses' and left alone.
 * @returns how many were found
 */
export async function findForgotten(
  book: PurseBook,
  chain: ChannelChain,
  policy: PursePolicy,
  payerKey: ChannelRecord['config']['payerKey'],
  nowMs: number,
): Promise<number> {
  const { domain, payer } = chain
  const count = Math.min(await chain.providerCount(), policy.searchedProviders)
  let open = Array.from({ length: count }, (_, at) => at + 1)
  let found = 0
  while (open.length > 0) {
    const guesses = open.map((providerId) => {
      const index = (book.channelsTo(providerId)[0]?.index ?? -1) + 1
      const parties = { payer, payerKey, providerId, withdrawDelay: policy.withdrawDelay }
      const config = channelConfigOf(parties, index)
      return { providerId, index, config, channelId: channelIdOf(domain, config) }
    })
    const states = await chain.channels(guesses.map(({ channelId }) => channelId))
    open = []
    for (const [at, { channelId, config, index, providerId }] of guesses.entries()) {
      const onChain = states[at]!
      if (!onChain.isOpened) continue
      const message =
        'The chain has this channel of the purse, and the store does not: an old copy was restored.'
      const channel: ChannelRecord = {
        channelId,
        config,
        index,
        onChain,
        voucherWei: onChain.claimedWei,
        settledWei: onChain.claimedWei,
        concededWei: 0n,
        provenWei: 0n,
        intent: null,
        lastUsedAtMs: nowMs,
        fault: { code: 'PURSE_BEHIND', message },
      }
      await book.change(() => ({ channel }))
      found += 1
      open.push(providerId)
    }
  }
  return found
}

/**
 * Ends the lost streams of a channel whose provider cannot be asked for its books, as far as their requests are gone with
 * an earlier process: all that they were promised is conceded. No provider can claim more for them.
 * @param isOwnLoss whether the request of a stream is gone
 */
export async function concedeLost(
  book: PurseBook,
  channelId: Hex,
  isOwnLoss: (streamId: Hex) => boolean,
): Promise<void> {
  for (const { streamId, state } of book.running(channelId)) {
    if (state !== 'lost' || !isOwnLoss(streamId)) continue
    await book.change(() => {
      const stream = book.stream(streamId)
      if (!stream) return undefined
      const channel = book.channel(channelId)
      const { amountWei } = stream
      const beyondWei = greater(0n, stream.promisedWei - amountWei)
      const settledWei = channel.settledWei + amountWei
      const concededWei = channel.concededWei + beyondWei
      const provenWei = channel.provenWei + amountWei + beyondWei
      return {
        channel: { ...channel, settledWei, concededWei, provenWei },
        stream: { ...stream, state: 'ended' as const },
      }
    })
  }
}

/**
 * Takes over what a provider's books say, up to the largest voucher, and ends lost streams that the provider has ended.
 * What they say beyond its statements is conceded and not proved. It fills the provider's cap, since the provider could
 * have proved it; unless this side has lost the request, without which nobody can. A channel whose books cannot be true
 * is given up.
 * @param isOwnLoss whether the request of a stream is gone with an earlier process
 */
export async function takeBooks(
  book: PurseBook,
  channelId: Hex,
  books: ChannelBooks,
  isOwnLoss: (streamId: Hex) => boolean,
): Promise<void> {
  await book.change(() => {
    const channel = book.channel(channelId)
    const doubt = booksDoubt(channel, books)
    return doubt && !channel.fault ? { channel: { ...channel, fault: doubt } } : undefined
  })
  const lost = () => book.running(channelId).filter(({ state }) => state === 'lost')
  const isSettling = (): boolean =>
    book
      .running(channelId)
      .every(({ streamId, state }) => state === 'lost' && !books.openStreams.includes(streamId))
  for (const { streamId } of lost()) {
    await book.change(() => {
      const stream = book.stream(streamId)
      // books of a moment when streams ran say nothing about one of them
      if (!stream || !isSettling()) return undefined
      const channel = book.channel(channelId)
      const running = book.running(channelId)
      // the voucher bounds it: that much the provider can claim in any case
      const saidWei = lesser(books.owedWei, channel.voucherWei)
      const beyondWei = greater(0n, saidWei - owedWei(channel, running) - channel.concededWei)
      const concededWei = channel.concededWei + beyondWei
      const provenWei = channel.provenWei + stream.amountWei + (isOwnLoss(streamId) ? beyondWei : 0n)
      return {
        channel: { ...channel, settledWei: channel.settledWei + stream.amountWei, concededWei, provenWei },
        stream: { ...stream, state: 'ended' as const },
      }
    })
  }
}
