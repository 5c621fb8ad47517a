import { FIELD, inverse, reduce } from './field.ts'

/** Most values that one hash takes. */
export const POSEIDON_MAX_INPUTS = 16

const FULL_ROUNDS = 8
/** Rounds with a single S-box, by state width 2..17, from the Poseidon paper's script for 128 bits of security. */
const PARTIAL_ROUNDS = [56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68]

/** What fixes the permutation of one state width. */
export interface PoseidonParameters {
  width: number
  partialRounds: number
  /** `width` constants for each round, round after round. */
  constants: bigint[]
  /** The mixing matrix, row after row. */
  mix: bigint[][]
}

/**
 * The Grain generator that the Poseidon paper prescribes: 80 bits of state that describe the instance, 160 steps thrown
 * away, and then of each pair of bits the second one if the first is set.
 */
function* grainBits(width: number, partialRounds: number): Generator<bigint, never> {
  const bits: number[] = []
  const push = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push(Number((BigInt(value) >> BigInt(bit)) & 1n))
  }
  push(1, 2) // a prime field
  push(0, 4) // x^5
  push(254, 12)
  push(width, 12)
  push(FULL_ROUNDS, 10)
  push(partialRounds, 10)
  push(2 ** 30 - 1, 30)
  const next = () => {
    const bit = bits[62]! ^ bits[51]! ^ bits[38]! ^ bits[23]! ^ bits[13]! ^ bits[0]!
    bits.shift()
    bits.push(bit)
    return bit
  }
  for (let step = 0; step < 160; step++) next()
  for (;;) {
    const keep = next()
    const bit = next()
    if (keep === 1) yield BigInt(bit)
  }
}

const cache = new Map<number, PoseidonParameters>()

/**
 * Derives the parameters of BN254 Poseidon from nothing but the specification.
 * @param width inputs plus one, 2..17
 */
export function poseidonParameters(width: number): PoseidonParameters {
  const known = cache.get(width)
  if (known !== undefined) return known
  const partialRounds = PARTIAL_ROUNDS[width - 2]
  if (partialRounds === undefined) throw new RangeError(`Poseidon has no parameters for a state of ${width}.`)
  const bits = grainBits(width, partialRounds)
  const number = () => {
    let value = 0n
    for (let bit = 0; bit < 254; bit++) value = (value << 1n) | bits.next().value
    return value
  }
  const constants: bigint[] = []
  while (constants.length < width * (FULL_ROUNDS + partialRounds)) {
    const value = number()
    if (value < FIELD) constants.push(value)
  }
  const corners = Array.from({ length: 2 * width }, number)
  const mix = corners.slice(0, width).map((x) => corners.slice(width).map((y) => inverse(reduce(x + y))))
  const parameters = { width, partialRounds, constants, mix }
  cache.set(width, parameters)
  return parameters
}

/**
 * The Poseidon hash of 1 to 16 field elements, equal to the circuit template of the same name and to circomlib's.
 * @example poseidon([1n, 2n]) // 7853200120776062878684798364095072458815029376092732009249414926327459813530n
 */
export function poseidon(inputs: readonly bigint[]): bigint {
  const { width, partialRounds, constants, mix } = poseidonParameters(inputs.length + 1)
  let state = [0n, ...inputs.map(reduce)]
  for (let round = 0; round < FULL_ROUNDS + partialRounds; round++) {
    const partial = round >= FULL_ROUNDS / 2 && round < FULL_ROUNDS / 2 + partialRounds
    state = state.map((value, index) => {
      const sum = (value + constants[round * width + index]!) % FIELD
      if (partial && index > 0) return sum
      const square = (sum * sum) % FIELD
      return (((square * square) % FIELD) * sum) % FIELD
    })
    state = mix.map((row) => row.reduce((sum, factor, index) => sum + factor * state[index]!, 0n) % FIELD)
  }
  return state[0]!
}
