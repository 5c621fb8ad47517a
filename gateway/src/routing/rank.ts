import { type ProviderId, promptTokensBound, type StreamRequest, streamPriceWei } from '@duckmesh/protocol'
import type { Candidate } from './eligible.ts'
import type { ProviderMemory } from './memory.ts'

/** What counts how much; each part is between 0 and 1 before it is weighted. */
export type RankWeights = {
  /** Cheapest price divided by this price. */
  price: number
  /** Shortest time to the first token divided by this one; 1 where none was measured, so that all are tried. */
  speed: number
  /** Share of the slots that were free at the last heartbeat. */
  free: number
  /** Free stake divided by the largest: what a cheat would lose. */
  stake: number
  /** Has answered the beginning of this request, and has a free slot. */
  warm: number
  /** Taken off for every fault that is remembered. */
  fault: number
  /** Random, so that equals share the work. */
  chance: number
}

export const defaultWeights: RankWeights = {
  price: 0.4,
  speed: 0.3,
  free: 0.2,
  stake: 0.1,
  warm: 0.5,
  fault: 1,
  chance: 0.02,
}

/** Bytes of text that one token has about: only for comparing prices. */
const BYTES_PER_TOKEN = 4

/** What is known beside the offers. */
export type RankFacts = {
  request: StreamRequest
  memory: ProviderMemory
  /** Who has the beginning of the request warm. */
  warm: ProviderId | undefined
  /** Number in [0, 1). */
  random: () => number
}

/** Candidates, the best first. */
export function rank(candidates: readonly Candidate[], facts: RankFacts, weights: RankWeights): Candidate[] {
  const { memory, request, warm, random } = facts
  const prices = candidates.map(({ streaming }) => Number(likelyWei(streaming, request)))
  const times = candidates.map(({ provider, policy }) => memory.firstTokenMs(provider.providerId, policy))
  const stakes = candidates.map(({ provider }) => Number(provider.stakedWei - provider.lockedWei))
  const cheapest = Math.min(...prices)
  const shortest = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY))
  const largest = Math.max(...stakes)
  const scored = candidates.map((candidate, at) => {
    const { provider, streaming } = candidate
    const free = Math.max(0, streaming.slots - streaming.busy) / streaming.slots
    const time = times[at]
    const isWarm = warm === provider.providerId && free > 0
    const score =
      weights.price * ratio(cheapest, prices[at]!) +
      weights.speed * (time === undefined ? 1 : ratio(shortest, time)) +
      weights.free * free +
      weights.stake * ratio(stakes[at]!, largest) +
      weights.warm * (isWarm ? 1 : 0) -
      weights.fault * memory.faultWeight(provider.providerId) +
      weights.chance * random()
    return { candidate, score }
  })
  return scored.sort((a, b) => b.score - a.score).map(({ candidate }) => candidate)
}

const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 1)

/** What a request probably costs: half of the tokens it allows. */
function likelyWei(price: Candidate['streaming'], request: StreamRequest): bigint {
  return streamPriceWei(price, {
    promptTokens: Math.ceil(promptTokensBound(request) / BYTES_PER_TOKEN),
    completionTokens: 'maxTokens' in request ? Math.ceil(request.maxTokens / 2) : 0,
  })
}
