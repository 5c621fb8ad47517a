import { type ExecutionProfile, type JobId, type ProviderId, secretShare } from '@duckmesh/protocol'
import { type Address, type Hex, isAddressEqual } from 'viem'

/** A provider that may check answers. */
export type ValidatorListing = {
  providerId: ProviderId
  owner: Address
  signingKey: Address
  /** Origin of its node. */
  endpoint: string
  profile: ExecutionProfile
}

/** What is to be checked. */
export type Accused = { providerId: ProviderId; owner: Address; profile: ExecutionProfile; streamId: JobId }

/** Judgements that were wrong before a validator is no longer asked. */
const MOST_MISJUDGED = 2

/**
 * Who may check an answer, best first: others with the same model and engine and another owner, first those whose CPU
 * computes alike, among equals in an order that follows from the buyer's secret: a provider cannot know its judges.
 * @param misjudged wrong judgements by provider
 */
export function chooseValidators(
  listings: readonly ValidatorListing[],
  accused: Accused,
  secret: Hex,
  misjudged: ReadonlyMap<ProviderId, number>,
): ValidatorListing[] {
  const { profile, streamId } = accused
  const isFit = (listing: ValidatorListing) =>
    listing.providerId !== accused.providerId &&
    !isAddressEqual(listing.owner, accused.owner) &&
    listing.profile.model === profile.model &&
    listing.profile.engine === profile.engine &&
    (misjudged.get(listing.providerId) ?? 0) <= MOST_MISJUDGED
  /** Below 1 for those whose CPU computes alike. */
  const place = ({ providerId, profile: { kernelClass } }: ValidatorListing) =>
    secretShare(secret, `validator/${providerId}/${streamId}`) + (kernelClass === profile.kernelClass ? 0 : 1)
  const seen = new Set<string>()
  return listings
    .filter(isFit)
    .toSorted((a, b) => place(a) - place(b))
    .filter(({ owner }) => !seen.has(owner) && seen.add(owner)) // two of three must not be one party
}
