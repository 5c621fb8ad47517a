/** Why a provider was passed over for a job. */
export const skipReasons = [
  'OFFLINE',
  'PROFILE_MISMATCH',
  'PRICE_TOO_LOW',
  'INACTIVE',
  'STAKE_TOO_LOW',
  'AT_CAPACITY',
  'SLASHED_IN_JOB',
  'ACCUSED',
  'SILENT',
  'DECLINED',
  'NOT_DRAWN',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** What would have to change for the provider to be taken: the other half of every skip reason. */
export const skipFixes: Record<SkipReason, string> = {
  OFFLINE: 'The node has not been heard of lately: its operator must start it.',
  PROFILE_MISMATCH:
    'The node serves another execution profile: order one of its policies from GET /v1/models.',
  PRICE_TOO_LOW:
    'The order pays less for a seat than the node asks: raise priceWei, or bondWei for a re-execution.',
  INACTIVE: 'The stake is below the minimum: the provider must add stake.',
  STAKE_TOO_LOW: 'The free stake is less than bondWei: lower the bond, or the provider must add stake.',
  AT_CAPACITY: 'All slots of the node are taken: wait, or order again.',
  SLASHED_IN_JOB: 'The provider was slashed in an earlier round of this job.',
  ACCUSED: 'The result of this provider is disputed: others must run the request again.',
  SILENT: 'The node did not commit in time and was replaced.',
  DECLINED: 'The node declined the job and was replaced.',
  NOT_DRAWN: 'The provider was eligible; the draw chose others.',
}
