// Questions about numbers for the native prover's arithmetic, with the answers of JavaScript.
import { bn254 } from '@noble/curves/bn254'

const { Fp, Fp2, Fr } = bn254.fields
type Fq2 = ReturnType<typeof Fp2.create>

/** Numbers that look random and are the same in every run: the state of a 256-bit linear congruence. */
let state = 0x5eedn
export function random(below: bigint): bigint {
  state = BigInt.asUintN(
    256,
    state * 0xd1342543de82ef95_9e3779b97f4a7c15_f39cc0605cedc835n + 0x2545f4914f6cdd1dn,
  )
  return (state ^ (state >> 131n)) % below
}

/** Edges of the range and of the words, then numbers in between. */
export const samples = (order: bigint): bigint[] => [
  0n,
  1n,
  2n,
  order - 1n,
  order - 2n,
  (order - 1n) / 2n,
  2n ** 64n - 1n,
  2n ** 64n,
  2n ** 128n - 1n,
  2n ** 192n,
  2n ** 253n,
  2n ** 256n % order,
  ...Array.from({ length: 60 }, () => random(order)),
]

export const hex = (value: bigint) => value.toString(16)
export const word = (value: bigint) => hex(value).padStart(64, '0')

/** A line for the program of native/prover/test, and its answer. */
export type Case = { line: string; expected: string }

/** Products, sums, differences, squares and inverses in both prime fields. */
export function fieldCases(): Case[] {
  return (['fq', 'fr'] as const).flatMap((name) => {
    const field = name === 'fq' ? Fp : Fr
    const values = samples(field.ORDER)
    return values.flatMap((a, index) => {
      const b = values[(index * 7 + 3) % values.length]!
      return [
        { line: `${name} product ${hex(a)} ${hex(b)}`, expected: word(field.mul(a, b)) },
        { line: `${name} sum ${hex(a)} ${hex(b)}`, expected: word(field.add(a, b)) },
        { line: `${name} difference ${hex(a)} ${hex(b)}`, expected: word(field.sub(a, b)) },
        { line: `${name} square ${hex(a)}`, expected: word(field.sqr(a)) },
        { line: `${name} inverse ${hex(a)}`, expected: word(a === 0n ? 0n : field.inv(a)) },
      ]
    })
  })
}

/** The same in the quadratic extension. */
export function extensionCases(): Case[] {
  const values = samples(Fp.ORDER)
  const words = ({ c0, c1 }: Fq2) => `${word(c0)} ${word(c1)}`
  return values.flatMap((real, index) => {
    const at = (step: number) => values[(index * 5 + step) % values.length]!
    const a = Fp2.create({ c0: real, c1: at(1) })
    const b = Fp2.create({ c0: at(2), c1: at(3) })
    const [left, right] = [a, b].map(({ c0, c1 }) => `${hex(c0)} ${hex(c1)}`)
    return [
      { line: `fq2 product ${left} ${right}`, expected: words(Fp2.mul(a, b)) },
      { line: `fq2 square ${left}`, expected: words(Fp2.sqr(a)) },
      ...(Fp2.is0(a) ? [] : [{ line: `fq2 inverse ${left}`, expected: words(Fp2.inv(a)) }]),
    ]
  })
}

/** Lagrange interpolation over the roots of unity, and evaluation at the odd ones, both by their definition. */
export function cosetCases(): Case[] {
  const power = (base: bigint, exponent: bigint) => Fr.pow(base, exponent)
  return [1, 2, 3, 5, 6, 7, 9].map((bits) => {
    const size = 1 << bits
    const odd = power(power(5n, (Fr.ORDER - 1n) >> 28n), 1n << BigInt(28 - bits - 1))
    const root = Fr.sqr(odd)
    const coefficients = Array.from({ length: size }, () => random(Fr.ORDER))
    const at = (x: bigint) => coefficients.reduceRight((sum, value) => Fr.add(Fr.mul(sum, x), value), 0n)
    const places = Array.from({ length: size }, (_, place) => power(root, BigInt(place)))
    return {
      line: `oddCoset ${bits} ${places.map((x) => hex(at(x))).join(' ')}`,
      expected: `${places.map((x) => word(at(Fr.mul(x, odd)))).join(' ')} `,
    }
  })
}

/** Digits of a scalar for every width. */
export function digitCases() {
  const patterns = Array.from({ length: 15 }, (_, index) => {
    const width = index + 2
    const half = Array.from(
      { length: Math.ceil(255 / width) },
      (_, window) => 1n << BigInt(window * width + width - 1),
    )
    return half.reduce((sum, bit) => sum | bit, 0n) % Fr.ORDER
  })
  return Array.from({ length: 15 }, (_, index) => index + 2).flatMap((width) =>
    [...samples(Fr.ORDER), ...patterns].map((scalar) => ({
      width,
      scalar,
      line: `digits ${width} ${hex(scalar)}`,
    })),
  )
}
