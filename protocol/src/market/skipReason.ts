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
  'NO_STREAMING',
  'API_NOT_SERVED',
  'NO_ENDPOINT',
  'NO_LOGPROBS',
  'NO_SEALING',
  'RELAY_AWAY',
  'PRICE_TOO_HIGH',
  'STRANGER_CAP',
  'CHANNEL_LIMIT',
  'BUDGET_SPENT',
  'CHANNEL_PENDING',
  'FAILED_RECENTLY',
  'CAUGHT',
  'EXCLUDED',
  'SLOWER',
  'NOT_CHOSEN',
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
  NO_STREAMING: 'The node does not stream this model: its operator must set streaming prices.',
  API_NOT_SERVED: 'The engine of the node does not take this kind of request: ask for another model.',
  NO_ENDPOINT: 'The node cannot be reached from outside: its operator must announce an endpoint.',
  NO_LOGPROBS: 'The engine tells no log-probabilities, so nothing can be replayed: ask in mode signed.',
  NO_SEALING: 'The node has no key to seal requests to: ask openly, or its operator must announce one.',
  RELAY_AWAY:
    'The relay on the way to the node does not answer: wait, or let streams go straight with DUCKMESH_ROUTE=auto.',
  PRICE_TOO_HIGH: 'The node asks more than maxPriceWei allows: raise it.',
  STRANGER_CAP:
    'The node wants a larger first promise than this buyer gives to those it does not know: raise strangerCapWei.',
  CHANNEL_LIMIT:
    'The buyer has as many channels as it may have: raise maxChannels, or wait for an idle one to close.',
  BUDGET_SPENT: 'No DUCK is left for another channel or a top-up: deposit more, or raise budgetWei.',
  CHANNEL_PENDING:
    'The chain does not say yet how the last step of the channel ended: wait, or see to the chain.',
  FAILED_RECENTLY: 'The provider failed or was caught lately: it is asked again when that is forgotten.',
  CAUGHT: 'Checks found that the provider does not run the model it names; this buyer does not ask it again.',
  EXCLUDED: 'The caller excluded this provider.',
  SLOWER: 'The provider was asked too, and another one answered first.',
  NOT_CHOSEN: 'The provider was eligible; another one was cheaper, faster or warmer.',
}
