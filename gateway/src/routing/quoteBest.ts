import { DuckMeshError, type StreamRequest, skipFixes, streamCeilingWei } from '@duckmesh/protocol'
import type { BuyerQuote } from '../buyer.ts'
import type { Needs } from './eligible.ts'
import type { Router } from './router.ts'

/**
 * What a request costs at the provider that would be asked first. Who has no room now counts too: what it costs does not
 * depend on that.
 * @throws DuckMeshError `NO_PROVIDERS` with the reasons, `UNKNOWN_MODEL`, `SERVICE_UNAVAILABLE`
 */
export async function quoteBest(router: Router, needs: Needs, request: StreamRequest): Promise<BuyerQuote> {
  const { candidates, busy, skipped } = await router.candidates(needs, request)
  const [best, ...others] = candidates.length > 0 ? candidates : busy
  if (best) skipped.delete(best.provider.providerId)
  const why = [...skipped].map(([providerId, reason]) => ({ providerId, reason, fix: skipFixes[reason] }))
  if (!best) {
    const message = 'No provider can take this request on these terms.'
    throw new DuckMeshError('NO_PROVIDERS', message, { skipped: why })
  }
  for (const { provider } of others) {
    if (skipped.has(provider.providerId)) continue
    why.push({ providerId: provider.providerId, reason: 'NOT_CHOSEN', fix: skipFixes.NOT_CHOSEN })
  }
  const { requestWei, promptTokenWei, tokenWei } = best.streaming
  const price = { requestWei, promptTokenWei, tokenWei }
  const ceilingWei = streamCeilingWei(price, request)
  return { providerId: best.provider.providerId, policy: best.policy, price, ceilingWei, why }
}
