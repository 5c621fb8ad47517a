// The native prover's arithmetic against numbers of JavaScript and curves of @noble/curves.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { bn254 } from '@noble/curves/bn254'
import { buildVectors, native, noNative } from './native.fixture.ts'

const { Fp, Fp2, Fr } = bn254.fields
const G1 = bn254.G1.ProjectivePoint
const G2 = bn254.G2.ProjectivePoint
type Fq2 = ReturnType<typeof Fp2.create>

/** Numbers that look random and are the same in every run: the state of a 256-bit linear congruence. */
let state = 0x5eedn
function random(below: bigint): bigint {
  state = BigInt.asUintN(
    256,
    state * 0xd1342543de82ef95_9e3779b97f4a7c15_f39cc0605cedc835n + 0x2545f4914f6cdd1dn,
  )
  return (state ^ (state >> 131n)) % below
}

/** Edges of the range and of the words, then numbers in between. */
const samples = (order: bigint): bigint[] => [
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

const hex = (value: bigint) => value.toString(16)
const word = (value: bigint) => hex(value).padStart(64, '0')

type Case = { line: string; expected: string }

function fieldCases(): Case[] {
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

function extensionCases(): Case[] {
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

/** Both groups behind one face, points as words. */
const groups = [
  {
    name: 'g1',
    zero: word(0n).concat(' ', word(0n)),
    multiple: (by: bigint) => G1.BASE.multiplyUnsafe(by),
    words: (point: InstanceType<typeof G1>) => {
      const { x, y } = point.toAffine()
      return `${word(x)} ${word(y)}`
    },
  },
  {
    name: 'g2',
    zero: Array(4).fill(word(0n)).join(' '),
    multiple: (by: bigint) => G2.BASE.multiplyUnsafe(by),
    words: (point: InstanceType<typeof G2>) => {
      const { x, y } = point.toAffine()
      return [x.c0, x.c1, y.c0, y.c1].map(word).join(' ')
    },
  },
] as const

function curveCases(): Case[] {
  return groups.flatMap(({ name, zero, multiple, words }) => {
    // the generator times k, for a k that is known: then every sum is known too
    const point = (by: bigint) => (Fr.create(by) === 0n ? zero : words(multiple(Fr.create(by)) as never))
    const scalars = [0n, 1n, 2n, Fr.ORDER - 1n, ...Array.from({ length: 12 }, () => random(Fr.ORDER))]
    const sums = scalars.flatMap((a, index) =>
      [a, Fr.neg(a), 0n, scalars[(index + 5) % scalars.length]!].map((b) => ({
        line: `${name} sum ${point(a)} ${point(b)}`,
        expected: point(a + b),
      })),
    )
    const multiples = scalars.map((by) => ({
      line: `${name} multiple ${point(7n)} ${hex(by)}`,
      expected: point(7n * by),
    }))
    const [x, ...rest] = point(9n).split(' ')
    const onCurve = [
      { line: `${name} onCurve ${point(9n)}`, expected: '1' },
      { line: `${name} onCurve ${zero}`, expected: '1' },
      { line: `${name} onCurve ${[word(BigInt(`0x${x}`) ^ 1n), ...rest].join(' ')}`, expected: '0' },
    ]
    return [...sums, ...multiples, ...onCurve]
  })
}

/** Sums over points whose multiples of the generator are known, with the scalars that witnesses have. */
function msmCases(): Case[] {
  return groups.flatMap(({ name, zero, multiple, words }) => {
    const known = Array.from({ length: 12 }, (_, index) => ({
      factor: BigInt(index * index),
      text: index === 0 ? zero : words(multiple(BigInt(index * index)) as never),
    }))
    return [1, 2, 3, 17, 64, 300, name === 'g1' ? 3_000 : 700].map((count) => {
      const items = Array.from({ length: count }, (_, index) => ({
        point: known[Number(random(12n))]!,
        scalar: [0n, 1n, Fr.ORDER - 1n, 2n ** 253n, random(256n), random(Fr.ORDER)][index % 6]!,
      }))
      const total = Fr.create(items.reduce((sum, { point, scalar }) => sum + point.factor * scalar, 0n))
      return {
        line: `${name} msm ${count} ${items.map(({ point, scalar }) => `${point.text} ${hex(scalar)}`).join(' ')}`,
        expected: total === 0n ? zero : words(multiple(total) as never),
      }
    })
  })
}

/** Lagrange interpolation over the roots of unity, and evaluation at the odd ones, both by their definition. */
function cosetCases(): Case[] {
  const power = (base: bigint, exponent: bigint) => Fr.pow(base, exponent)
  return [1, 2, 3, 5].map((bits) => {
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

const builds = [
  { name: 'portable', fast: false, skip: noNative },
  {
    name: 'with ADX',
    fast: true,
    skip: noNative || ('fast' in native && native.fast ? false : 'this CPU has no ADX'),
  },
]
for (const { name, fast, skip } of builds) {
  describe(`the native prover's arithmetic, ${name}`, { skip }, async () => {
    const build = skip === false ? await buildVectors(fast) : { missing: String(skip) }
    const suites = {
      field: fieldCases,
      extension: extensionCases,
      curve: curveCases,
      msm: msmCases,
      coset: cosetCases,
    }
    for (const [suite, makeCases] of Object.entries(suites)) {
      test(`${suite}: equals the reference`, () => {
        assert.ok('path' in build, 'missing' in build ? build.missing : '')
        const cases = makeCases()
        const input = cases.map(({ line }) => `${line}\n`).join('')
        const lines = execFileSync(build.path, { input, encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n')
        assert.equal(lines.length, cases.length + 1)
        for (const [index, { line, expected }] of cases.entries())
          assert.equal(lines[index], expected, line.slice(0, 200))
      })
    }
  })
}
