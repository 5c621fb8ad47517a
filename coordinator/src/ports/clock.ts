/** Time as an argument, so that tests can hold it. */
export type Clock = {
  /** Milliseconds since 1970. */
  nowMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now() }

/** Unix seconds of a clock. */
export const nowSeconds = (clock: Clock): number => Math.floor(clock.nowMs() / 1_000)
