import type { Hex } from 'viem'
import type { ChannelChain } from '../ports/channelChain.ts'
import type { ChannelRecord } from '../ports/purseStore.ts'
import type { PurseBook } from './book.ts'
import type { Funding } from './funding.ts'
import type { PursePolicy } from './policy.ts'
import { readChain } from './reconcile.ts'
import { stateOf } from './view.ts'

/** A channel that was used within this time is kept filled, milliseconds. */
const IN_USE_MS = 60_000

/** What is to be done with a channel now. */
type Chore = 'resolve' | 'startClose' | 'close' | 'topUp'

/**
 * One round of housekeeping: reads the chain, fills channels in use before they run dry, closes those that are idle or
 * not to be trusted, and brings home what closed channels hold.
 * @returns what failed, by channel; it is tried again in the next round
 * @throws DuckMeshError `CHAIN_UNAVAILABLE` when the chain cannot be read
 */
export async function tend(
  book: PurseBook,
  funding: Funding,
  chain: ChannelChain,
  policy: PursePolicy,
  nowMs: number,
): Promise<{ channelId: Hex; error: unknown }[]> {
  await readChain(book, chain)
  const chainNowSeconds = await chain.nowSeconds()
  const failed: { channelId: Hex; error: unknown }[] = []
  for (const channel of book.channels) {
    const chore = choreFor(channel, openCount(book, channel.channelId), policy, nowMs, chainNowSeconds)
    if (!chore) continue
    const { channelId, voucherWei } = channel
    try {
      if (chore === 'topUp') await funding.ensure(channelId, voucherWei + policy.topUpBelowWei)
      else if (chore === 'resolve') await funding.resolve(channelId)
      else await funding.close(channelId, chore)
    } catch (error) {
      failed.push({ channelId, error })
    }
  }
  return failed
}

// a stream whose provider went away for good must not keep its channel open
const openCount = (book: PurseBook, channelId: Hex): number =>
  book.running(channelId).filter(({ state }) => state === 'open').length

function choreFor(
  channel: ChannelRecord,
  runningCount: number,
  policy: PursePolicy,
  nowMs: number,
  chainNowSeconds: number,
): Chore | undefined {
  const { onChain, intent, voucherWei, lastUsedAtMs, fault } = channel
  if (intent) return 'resolve'
  if (!onChain.isOpened || stateOf(channel) === 'closed') return undefined
  if (onChain.closableAfter > 0) return chainNowSeconds > onChain.closableAfter ? 'close' : undefined
  if (fault) return 'startClose'
  const idleMs = nowMs - lastUsedAtMs
  if (runningCount === 0 && idleMs >= policy.idleCloseMs) return 'startClose'
  const isDry = onChain.fundedWei - voucherWei < policy.topUpBelowWei
  return isDry && (runningCount > 0 || idleMs < IN_USE_MS) ? 'topUp' : undefined
}
