import type { Providers } from '@duckmesh/protocol'
import type { ValidatorListing } from './chooseValidators.ts'

/** Who of the listed providers can check answers: those that stream a model with token ids, by their offers. */
export const validatorListings = (providers: Providers['providers']): ValidatorListing[] =>
  providers.flatMap(({ providerId, owner, signingKey, endpoint, isActive, isOnline, offers }) =>
    isActive && isOnline && endpoint !== null
      ? offers
          .filter(({ streaming }) => streaming?.givesLogprobs)
          .map(({ profile }) => ({ providerId, owner, signingKey, endpoint, profile }))
      : [],
  )
