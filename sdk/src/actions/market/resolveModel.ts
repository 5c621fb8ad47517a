import { DuckMeshError, type Models } from '@duckmesh/protocol'

/** One execution profile on offer. */
export type Model = Models['models'][number]

/**
 * Picks the execution profile that a name, a policy hash or nothing at all asks for.
 * @param models what the coordinator offers
 * @param wanted short name such as `stories15m`, policy hash, or undefined for any
 * @param seats providers that are needed; profiles with too few are taken only when there is no other
 * @returns the cheapest of those that match
 * @throws DuckMeshError `UNKNOWN_MODEL` with the names on offer
 */
export function resolveModel(models: Model[], wanted: string | undefined, seats: number): Model {
  const matching = models.filter(
    ({ policy, profile }) =>
      wanted === undefined || policy === wanted.toLowerCase() || profile.name === wanted,
  )
  const [best] = matching.toSorted((a, b) => {
    const enough = Number(b.providers >= seats) - Number(a.providers >= seats)
    if (enough !== 0) return enough
    return a.minPriceWei < b.minPriceWei ? -1 : a.minPriceWei > b.minPriceWei ? 1 : 0
  })
  if (best) return best
  const offered = models.map(({ profile, policy }) => ({ name: profile.name, policy }))
  const message = wanted ? `Nobody serves the model "${wanted}" now.` : 'Nobody serves any model now.'
  throw new DuckMeshError('UNKNOWN_MODEL', message, { model: wanted ?? null, offered })
}
