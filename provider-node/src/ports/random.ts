import type { Hex } from 'viem'

/** Randomness as an argument, so that tests can seed it. */
export type Random = {
  /** 32 bytes fit for secrets. */
  salt(): Hex
  /** A number in [0, 1) for jitter; never for secrets. */
  fraction(): number
}
