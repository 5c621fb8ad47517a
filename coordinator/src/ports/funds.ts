/** What a requester could pay with, as the chain showed it. */
export type Funds = {
  freeWei: bigint
  /** When it was asked for, unix ms: what ended since then may not be in `freeWei` yet, and counts as pledged. */
  askedAtMs: number
}

/** How many proof tasks may be open at once. */
export type TaskBounds = { mostOfRequester: number; mostInAll: number }

/** Why an order was not kept. */
export type Refusal =
  | { refused: 'nonce' }
  | { refused: 'funds'; neededWei: bigint }
  | { refused: 'tasks'; limit: number }
  | { refused: 'queue' }

/** What became of an order that was to be kept. A refused one leaves nothing. */
export type Kept = 'created' | 'exists' | Refusal
