/** Where a token was drawn. */
export type Draw = {
  /** Logits of all tokens, by id. */
  logits: ReadonlyMap<number, number>
  temperature: number
  topP: number
  /** The random number of this place, in [0, 1). */
  uniform: number
}

/** Beyond this nothing is told apart, nats. */
export const LARGEST_NATS = 64
const STEPS = 24

/**
 * How far the logits must have been from those given for a token to be the one that was drawn, nats.
 *
 * llama.cpp sorts tokens by logit and takes the first at which the sum of probabilities reaches the random number. If
 * every logit may be off by d, then tokens that are up to d better or worse may come before or after this one, and the
 * odds of what comes before may be off by e^(d/T), as may the place where top-p cuts. The result is the least d with
 * which the random number can meet the token. As the random number comes from the seed, it cannot be chosen by who gave the token.
 *
 * The idea of comparing under the same seed is that of Token-DiFR (arXiv 2511.20621); the measure is ours. It tells
 * honest rounding from fraud equally well at any temperature, which the share of equal tokens does not.
 *
 * @param token id of the token that was given
 * @returns 0 when the token is just the one drawn
 */
export const drawDistance = (token: number, draw: Draw): number => drawDistances(draw)(token)

/** The same for many tokens of one place, which are ranked once. */
export function drawDistances({ logits, temperature, topP, uniform }: Draw): (token: number) => number {
  const ranked = [...logits.values()].toSorted((a, b) => b - a)
  const plain = sums(ranked, 1)
  const tempered = temperature === 1 ? plain : sums(ranked, temperature)
  const odds = logOdds(uniform)
  /** Weight of what top-p leaves, when it ends where the sum of probabilities reaches these odds. */
  const kept = (cutOdds: number) => {
    if (topP >= 1) return tempered.at(-1)!
    const whole = plain.at(-1)!
    return tempered[
      firstPlace(ranked.length - 1, (place) => logOdds(plain[place + 1]! / whole) >= cutOdds) + 1
    ]!
  }
  const cut = logOdds(topP)
  const meets = (logit: number, slack: number) => {
    const better = firstPlace(ranked.length, (place) => ranked[place]! <= logit + slack)
    const asGood = firstPlace(ranked.length, (place) => ranked[place]! < logit - slack)
    const isReached = topP >= 1 || logOdds(plain[better]! / plain.at(-1)!) - slack < cut
    const from = logOdds(tempered[better]! / kept(cut + slack)) - slack / temperature
    const upTo = logOdds(tempered[asGood]! / kept(cut - slack)) + slack / temperature
    return isReached && from <= odds && odds <= upTo
  }
  return (token) => {
    const logit = logits.get(token)
    if (logit === undefined) return LARGEST_NATS
    if (meets(logit, 0)) return 0
    let [low, high] = [0, LARGEST_NATS]
    for (let step = 0; step < STEPS; step += 1) {
      const middle = (low + high) / 2
      if (meets(logit, middle)) high = middle
      else low = middle
    }
    return high
  }
}

/** Weights of logits, best first, summed up: place n holds the sum of the first n. */
function sums(ranked: readonly number[], temperature: number): number[] {
  const found = [0]
  for (const value of ranked) found.push(found.at(-1)! + Math.exp((value - ranked[0]!) / temperature))
  return found
}

/** First place for which something holds that holds for all after it too; `count` when there is none. */
function firstPlace(count: number, holds: (place: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}

/** Infinity at 1; a sum may be above 1 by rounding. */
const logOdds = (share: number): number => Math.log(share / Math.max(0, 1 - share))
