import {
  type ProviderId,
  type SkipReason,
  type StreamOffer,
  type StreamRequest,
  streamPriceWei,
} from '@duckmesh/protocol'
import type { BuyOptions } from '../buyer.ts'
import type { Listing } from './market.ts'
import type { ProviderMemory } from './memory.ts'

/** An offer that can be bought from. */
export type Candidate = Listing & { streaming: StreamOffer; provider: { endpoint: string } }

/** What a request needs of a provider. */
export type Needs = {
  request: StreamRequest
  options: Omit<BuyOptions, 'signal'>
  /** Most that may still be spent, DUCK wei; undefined for no limit. */
  leftWei: bigint | undefined
  /** Digest of the model that has given a part of the answer; undefined at the start. */
  model: string | undefined
}

/** Whether an offer is of the model that the caller chose. */
export function isModel({ offer, policy }: Listing, { name, policy: wanted }: BuyOptions['model']): boolean {
  return wanted === undefined ? offer.profile.name === name : policy === wanted
}

/**
 * Parts offers into those that can be bought from, those that could but for want of room, and those that cannot, with
 * the reason. A provider with several offers of the model is judged by the best of them.
 */
export function eligible(
  listings: readonly Listing[],
  needs: Needs,
  memory: ProviderMemory,
): { candidates: Candidate[]; busy: Candidate[]; skipped: Map<ProviderId, SkipReason> } {
  const candidates: Candidate[] = []
  const busy: Candidate[] = []
  const skipped = new Map<ProviderId, SkipReason>()
  for (const listing of listings) {
    const reason = obstacle(listing, needs, memory)
    if (reason === 'AT_CAPACITY') busy.push(listing as Candidate)
    if (!reason) candidates.push(listing as Candidate)
    // of another model: says least about why nobody answers
    else if (reason !== 'PROFILE_MISMATCH' || !skipped.has(listing.provider.providerId)) {
      skipped.set(listing.provider.providerId, reason)
    }
  }
  for (const { provider } of candidates) skipped.delete(provider.providerId)
  return { candidates, busy, skipped }
}

function obstacle(listing: Listing, needs: Needs, memory: ProviderMemory): SkipReason | undefined {
  const { provider, streaming, offer } = listing
  const { options, request, leftWei, model } = needs
  if (options.exclude?.includes(provider.providerId)) return 'EXCLUDED'
  if (!isModel(listing, options.model)) return 'PROFILE_MISMATCH'
  if (model !== undefined && offer.profile.model !== model) return 'PROFILE_MISMATCH'
  if (!streaming) return 'NO_STREAMING'
  if (!streaming.apis.includes(request.api)) return 'API_NOT_SERVED'
  if (!provider.isActive) return 'INACTIVE'
  if (!provider.isOnline) return 'OFFLINE'
  if (!provider.endpoint) return 'NO_ENDPOINT'
  // without token ids nothing can be replayed, and nobody can be told where to go on
  const needsTokens =
    options.mode === 'reference' || ('continueFrom' in request && request.continueFrom.length > 0)
  if (needsTokens && !streaming.givesLogprobs) return 'NO_LOGPROBS'
  if (options.privacy === 'sealed' && !provider.sealKey) return 'NO_SEALING'
  const leastWei = streamPriceWei(streaming, { promptTokens: 1, completionTokens: 1 })
  if (leftWei !== undefined && leastWei > leftWei) return 'PRICE_TOO_HIGH'
  if (memory.isCaught(provider.providerId)) return 'CAUGHT'
  if (memory.isBarred(provider.providerId)) return 'FAILED_RECENTLY'
  if (memory.busyMs(provider.providerId) > 0) return 'AT_CAPACITY'
  return undefined
}
