import type { ChannelView } from '@duckmesh/gateway'
import type { AnswerFacts } from '@duckmesh/gateway/home'
import { formatDuck } from '@duckmesh/protocol'
import type { AccountChannel } from '@duckmesh/sdk'

/** One answer in one line. */
export function answerLine(facts: AnswerFacts, at: Date): string {
  const { api, model, verify, usage, costWei, providers, tookMs, end } = facts
  const time = at.toTimeString().slice(0, 8)
  const tokens = `${usage.promptTokens}+${usage.completionTokens} tokens`
  const by = providers.length > 0 ? `provider ${providers.join(', ')}` : 'nobody'
  const seconds = `${(tookMs / 1_000).toFixed(2)} s`
  return [time, api, model, verify, tokens, `${formatDuck(costWei)} DUCK`, by, seconds, end].join('  ')
}

/** Channels as rows of a table, with their heads. */
export function channelRows(channels: readonly ChannelView[], nowMs: number): string[][] {
  return [
    ['provider', 'state', 'paid in', 'claimed', 'owed', 'comes back', 'when'],
    ...channels.map((channel) => [
      String(channel.providerId),
      channel.fault ? `${channel.state}: ${channel.fault}` : channel.state,
      formatDuck(channel.fundedWei),
      formatDuck(channel.claimedWei),
      formatDuck(channel.owedWei),
      formatDuck(channel.returnsWei),
      whenText(channel, nowMs),
    ]),
  ]
}

/** Channels of an account as the chain has them, whichever purse opened them, as rows of a table with their heads. */
export function accountChannelRows(channels: readonly AccountChannel[], nowMs: number): string[][] {
  return [
    ['provider', 'key of its purse', 'paid in', 'claimed', 'comes back', 'when'],
    ...channels.map(({ config, fundedWei, claimedWei, closableAfter }) => [
      String(config.providerId),
      config.payerKey,
      formatDuck(fundedWei),
      formatDuck(claimedWei),
      formatDuck(fundedWei - claimedWei),
      fundedWei === claimedWei ? 'is back' : returnText(closableAfter, nowMs),
    ]),
  ]
}

function returnText(closableAfter: number, nowMs: number): string {
  const returnsAtMs = (closableAfter + 1) * 1_000
  if (closableAfter === 0) return 'open'
  return returnsAtMs <= nowMs ? 'now' : `in ${span(returnsAtMs - nowMs)}`
}

function whenText({ state, returnsAtMs, idleCloseAtMs, openStreams }: ChannelView, nowMs: number): string {
  if (state === 'closed') return 'is back'
  if (returnsAtMs !== null) return returnsAtMs <= nowMs ? 'now' : `in ${span(returnsAtMs - nowMs)}`
  if (openStreams.length > 0) return `${openStreams.length} streams run`
  return idleCloseAtMs === null ? '' : `closes in ${span(idleCloseAtMs - nowMs)} without use`
}

/** A time as people say it, e.g. `59 min`. */
function span(ms: number): string {
  const minutes = Math.max(1, Math.ceil(ms / 60_000))
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
