/** Repeatable random numbers (mulberry32). */
export interface Random {
  /** An integer in 0 .. limit-1. */
  below(limit: number): number
  /** True once in `times` on average. */
  oneIn(times: number): boolean
  /** One of the items; undefined when there are none. */
  pick<T>(items: readonly T[]): T | undefined
  /** Wei up to about `duck` DUCK, with odd low digits, and zero or one wei now and then. */
  wei(duck: number): bigint
}

/** @param seed any integer; equal seeds give equal numbers */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)],
    wei(duck) {
      if (below(12) === 0) return BigInt(below(3))
      return BigInt(below(duck * 1_000)) * 10n ** 15n + BigInt(below(1_000_000))
    },
  }
}
