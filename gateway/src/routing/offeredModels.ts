import type { Hex } from 'viem'
import type { BuyerModel } from '../buyer.ts'
import type { Listing } from './market.ts'

/** The models that somebody streams now, each with the least price. */
export function offeredModels(listings: readonly Listing[]): BuyerModel[] {
  const models = new Map<Hex, BuyerModel>()
  for (const { provider, offer, policy, streaming } of listings) {
    if (!streaming || !provider.isOnline || !provider.isActive || !provider.endpoint) continue
    const known = models.get(policy)
    const { requestWei, promptTokenWei, tokenWei } = streaming
    const isCheaper = !known || tokenWei < known.price.tokenWei
    models.set(policy, {
      policy,
      profile: offer.profile,
      apis: [...new Set([...(known?.apis ?? []), ...streaming.apis])],
      providers: (known?.providers ?? 0) + 1,
      price: isCheaper ? { requestWei, promptTokenWei, tokenWei } : known.price,
    })
  }
  return [...models.values()]
}
