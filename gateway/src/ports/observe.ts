/** Steps of the buyer at which something was just saved or sent; a crash after each of them is tested. */
export const stages = [
  'opening-saved',
  'opening-sent',
  'opened',
  'top-up-saved',
  'top-up-sent',
  'topped-up',
  'promise-saved',
  'stream-posted',
  'chunk-received',
  'raise-saved',
  'raise-sent',
  'checkpoint-saved',
  'receipt-saved',
  'close-saved',
  'close-sent',
] as const
export type Stage = (typeof stages)[number]

/** Is told of every step. */
export type Observe = (stage: Stage) => void
