import { FIELD, inverse, power, reduce } from '../field/field.ts'
import { domainBits, publicCount, type R1cs, readField, type Terms } from '../toolchain/r1cs.ts'

/** The circuit's polynomials at one secret point, by wire, and the odd Lagrange values that carry the quotient. */
export interface Qap {
  a: bigint[]
  b: bigint[]
  c: bigint[]
  /** Lagrange polynomials of the double domain at the point, for its odd places. */
  odd: bigint[]
}

/** A root of unity of order 2^28, the largest power of two in the field's group: 5 generates that group. */
const ROOT_28 = power(5n, (FIELD - 1n) >> 28n)

/** @returns 1/x for each x, with a single division */
function inverses(values: readonly bigint[]): bigint[] {
  const before: bigint[] = []
  let product = 1n
  for (const value of values) {
    before.push(product)
    product = (product * value) % FIELD
  }
  let rest = inverse(product)
  const result = new Array<bigint>(values.length)
  for (let index = values.length - 1; index >= 0; index--) {
    result[index] = (rest * before[index]!) % FIELD
    rest = (rest * values[index]!) % FIELD
  }
  return result
}

/** Lagrange polynomials of the domain of 2^bits roots of unity at `point`, which must be none of them. */
function lagrange(bits: number, point: bigint): bigint[] {
  const size = 1n << BigInt(bits)
  const root = power(ROOT_28, 1n << BigInt(28 - bits))
  const roots = [1n]
  while (roots.length < Number(size)) roots.push((roots.at(-1)! * root) % FIELD)
  const factor = (reduce(power(point, size) - 1n) * inverse(size)) % FIELD
  return inverses(roots.map((value) => reduce(point - value))).map(
    (value, index) => (((value * roots[index]!) % FIELD) * factor) % FIELD,
  )
}

/**
 * Evaluates the polynomials of a circuit at `point`. Constraint i sits at the i-th root of unity; behind the constraints each
 * public signal has a row of its own in `a`, so that no public signal can be exchanged for another.
 */
export function evaluateQap(r1cs: R1cs, point: bigint): Qap {
  const bits = domainBits(r1cs)
  const rows = lagrange(bits, point)
  const zeros = () => new Array<bigint>(r1cs.wireCount).fill(0n)
  const qap = { a: zeros(), b: zeros(), c: zeros() }
  const add = (sums: bigint[], { wires, factors }: Terms, row: bigint) => {
    const view = new DataView(factors.buffer)
    for (let index = 0; index < wires.length; index++)
      sums[wires[index]!]! += row * readField(view, 32 * index)
  }
  for (const [index, constraint] of r1cs.constraints.entries()) {
    add(qap.a, constraint.a, rows[index]!)
    add(qap.b, constraint.b, rows[index]!)
    add(qap.c, constraint.c, rows[index]!)
  }
  for (let wire = 0; wire <= publicCount(r1cs); wire++) qap.a[wire]! += rows[r1cs.constraints.length + wire]!
  return {
    a: qap.a.map((value) => value % FIELD),
    b: qap.b.map((value) => value % FIELD),
    c: qap.c.map((value) => value % FIELD),
    odd: lagrange(bits + 1, point).filter((_, place) => place % 2 === 1),
  }
}
