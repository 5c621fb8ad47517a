import type { ChannelView } from '../buyer.ts'
import type { ChannelRecord, StreamRecord } from '../ports/purseStore.ts'
import { greater, owedWei } from './amounts.ts'

/**
 * A channel as its owner sees it.
 * @param running its streams that have not ended
 */
export function viewOf(
  channel: ChannelRecord,
  running: readonly StreamRecord[],
  idleCloseMs: number,
): ChannelView {
  const { channelId, config, onChain, voucherWei, fault, lastUsedAtMs } = channel
  const state = stateOf(channel)
  const owed = owedWei(channel, running)
  return {
    channelId,
    providerId: config.providerId,
    state,
    fundedWei: onChain.fundedWei,
    claimedWei: onChain.claimedWei,
    owedWei: owed,
    voucherWei,
    overclaimedWei: greater(0n, onChain.claimedWei - owed - channel.concededWei),
    openStreams: running.map(({ streamId }) => streamId),
    idleCloseAtMs:
      state === 'open' && running.every((stream) => stream.state === 'lost')
        ? lastUsedAtMs + idleCloseMs
        : null,
    returnsAtMs: onChain.closableAfter === 0 ? null : (onChain.closableAfter + 1) * 1_000,
    returnsWei: greater(0n, onChain.fundedWei - greater(onChain.claimedWei, owed)),
    fault: fault?.message ?? null,
  }
}

/** Where a channel is in its life. A channel that holds nothing is closed: a top-up opens it again. */
export function stateOf({ onChain, fault, intent }: ChannelRecord): ChannelView['state'] {
  const isEmpty = onChain.fundedWei === onChain.claimedWei
  if (onChain.isOpened && isEmpty && onChain.closableAfter === 0 && intent === null) return 'closed'
  if (!onChain.isOpened) return intent ? 'opening' : 'closed'
  if (fault) return 'suspect'
  return onChain.closableAfter === 0 ? 'open' : 'closing'
}
