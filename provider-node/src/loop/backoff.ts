const FIRST_MS = 250
const MOST_MS = 10_000

/**
 * Wait before the next try: doubles up to 10 s, and half of it is random so that nodes which lost the same
 * coordinator do not come back at the same moment.
 * @param failures failed tries in a row, from 1
 * @param fraction random number in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(failures: number, fraction: number): number {
  const wholeMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30))
  return Math.round(wholeMs / 2 + (wholeMs / 2) * fraction)
}
