import { hashCanonical, type Providers, type Skipped } from '@duckmesh/protocol'
import type { Hex } from 'viem'

/**
 * Price of the next order after nobody, or too few, took the last one: what the cheapest providers ask that only the
 * price kept away, and never more than the cap. A price that would not fill the seats is not raised.
 * @param parameters.currentWei price of the last order, DUCK wei
 * @param parameters.capWei most that may be paid, DUCK wei
 * @param parameters.skipped why providers were passed over, from the refusal
 * @param parameters.providers what they ask; a lie in it costs at most the cap
 * @example nextPriceWei({ currentWei: 3n, capWei: 9n, seats: 3, … }) // 6n when the third cheapest asks 2n a seat
 */
export function nextPriceWei({
  currentWei,
  capWei,
  seats,
  policy,
  skipped,
  providers,
}: {
  currentWei: bigint
  capWei: bigint
  seats: number
  policy: Hex
  skipped: readonly Skipped[]
  providers: Providers['providers']
}): bigint {
  const lost = new Set(
    skipped.filter(({ reason }) => reason !== 'PRICE_TOO_LOW').map(({ providerId }) => providerId),
  )
  const asked = providers
    .filter(({ providerId, isOnline }) => isOnline && !lost.has(providerId))
    .flatMap(
      ({ offers }) => offers.find(({ profile }) => hashCanonical(profile) === policy)?.minPriceWei ?? [],
    )
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const dearest = asked[seats - 1]
  if (dearest === undefined) return currentWei
  const neededWei = dearest * BigInt(seats)
  return neededWei > currentWei && neededWei <= capWei ? neededWei : currentWei
}
