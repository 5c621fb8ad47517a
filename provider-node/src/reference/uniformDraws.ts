const STATE = 624
const SHIFT = 397

/**
 * The first draws of a seed, in [0, 1), as llama.cpp's sampler makes them: one for each token of an answer.
 * Source: M. Matsumoto, T. Nishimura, "Mersenne Twister" (1998), as std::mt19937; two outputs make one double, as
 * std::generate_canonical<double, 53> of libstdc++ does.
 * @param seed uint32
 */
export function uniformDraws(seed: number, count: number): number[] {
  const next = mersenneTwister(seed)
  return Array.from({ length: count }, () => {
    const low = next()
    return (low + next() * 2 ** 32) / 2 ** 64
  })
}

/** std::mt19937: a function that gives the next uint32. */
export function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(STATE)
  state[0] = seed
  for (let index = 1; index < STATE; index += 1) {
    const before = state[index - 1]!
    state[index] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + index
  }
  let place = STATE
  return () => {
    if (place >= STATE) {
      twist(state)
      place = 0
    }
    let value = state[place]!
    place += 1
    value ^= value >>> 11
    value ^= (value << 7) & 0x9d2c5680
    value ^= (value << 15) & 0xefc60000
    return (value ^ (value >>> 18)) >>> 0
  }
}

function twist(state: Uint32Array): void {
  for (let index = 0; index < STATE; index += 1) {
    const joined = (state[index]! & 0x80000000) | (state[(index + 1) % STATE]! & 0x7fffffff)
    state[index] = state[(index + SHIFT) % STATE]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
  }
}
