/** Order of the scalar field of BN254: every signal of a circuit is a number below it. */
export const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n

/** @returns the representative of `value` in 0..FIELD−1 */
export const reduce = (value: bigint): bigint => {
  const rest = value % FIELD
  return rest < 0n ? rest + FIELD : rest
}

/** @returns `base` to the power of `exponent` in the field */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = reduce(base)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD
    square = (square * square) % FIELD
  }
  return result
}

/** @returns the multiplicative inverse; of zero, zero */
export const inverse = (value: bigint): bigint => power(value, FIELD - 2n)
