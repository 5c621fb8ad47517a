/** Gives order nonces that were not used before. */
export type NonceSource = () => bigint

const NONCES_PER_WORD = 256n

/**
 * Order nonces out of a random word: DuckMesh keeps 256 nonces in one storage word, so nonces of one word are cheaper
 * than random ones (5,000 instead of 22,100 gas), and a word of 56 random bits needs no memory between runs.
 * @param random source of 32-bit numbers
 */
export function createNonceSource(random: () => number = randomUint32): NonceSource {
  let next = 0n
  let left = 0n
  return () => {
    if (left === 0n) {
      next = ((BigInt(random()) << 24n) | (BigInt(random()) >> 8n)) * NONCES_PER_WORD
      left = NONCES_PER_WORD
    }
    left -= 1n
    return next++
  }
}

const randomUint32 = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!
