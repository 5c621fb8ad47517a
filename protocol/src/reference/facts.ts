/** What a validator's own model says of one token that was given. */
export type TokenFacts = {
  /** Log-probability of the token under the model, nats, whatever the temperature. */
  logprob: number
  /**
   * How far the logits of the provider must have been from those of the validator for this token to be the one drawn,
   * nats. Greedy: the gap to the best token. 0 when the validator draws the same; null when it was left out, which
   * happens to a part of those that differ in long sampled answers.
   */
  distanceNats: number | null
}

/** What a validator found by one replay of an answer. */
export type ReplayFacts = {
  /** Kernel class of the validator. */
  kernelClass: string
  /** Tokens of the prompt as the validator counts them, given ones of an earlier provider included. */
  promptTokens: number
  /** Most tokens that the model knows: ids from here on do not exist. */
  vocabulary: number
  tokens: TokenFacts[]
  /** Text that the given tokens make. */
  text: string
  /** Index of the first given token that ends an answer, and so belongs into none. */
  endToken: number | null
  /**
   * Distance of "the answer ends here" after the last token, nats, by an end token or by the tokens of a stop text,
   * whichever is nearer. Null when a given token ends a stop text, or nothing was said of an end.
   */
  endDistanceNats: number | null
}
