// Questions about points for the native prover's arithmetic, with the answers of @noble/curves.
import { bn254 } from '@noble/curves/bn254'
import { type Case, hex, random, word } from './numberVectors.fixture.ts'

const { Fr } = bn254.fields
const G1 = bn254.G1.ProjectivePoint
const G2 = bn254.G2.ProjectivePoint

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

/** Sums of two points, multiples, and points off the curve. */
export function curveCases(): Case[] {
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

/** Points 0·G to (count − 1)·G as words. */
function firstMultiples({ name, zero, multiple, words }: (typeof groups)[number], count: number): string[] {
  const base = multiple(1n)
  const points = []
  for (let point: { add(other: never): unknown } = base, index = 1; index < count; index++) {
    points.push(point)
    point = point.add(base as never) as never
  }
  const normal = name === 'g1' ? G1.normalizeZ(points as never) : G2.normalizeZ(points as never)
  return [zero, ...normal.map((point) => words(point as never))]
}

/** One call for many pairs: different points, among them equal and opposite ones, at every place of the lanes. */
export function additionCases(): Case[] {
  return groups.flatMap((group) => {
    const { name, zero, multiple, words } = group
    const known = firstMultiples(group, 60)
    const sumOf = (factor: bigint) => (factor === 0n ? zero : words(multiple(Fr.create(factor)) as never))
    const sums = new Map<bigint, string>()
    for (let factor = -120n; factor <= 120n; factor++) sums.set(factor, sumOf(factor))
    const line = (pairs: { one: number; other: number; signs: [number, number] }[]): Case => ({
      line: `${name} additions ${pairs.length} ${pairs
        .map(({ one, other, signs }) => `${known[one]} ${signs[0]} ${known[other]} ${signs[1]}`)
        .join(' ')}`,
      expected: `${pairs
        .map(({ one, other, signs }) =>
          sums.get(BigInt((signs[0] ? -one : one) + (signs[1] ? -other : other))),
        )
        .join(' ')} `,
    })
    const different = (index: number) => ({
      one: 1 + (index % 29),
      other: 30 + ((index * 7) % 30),
      signs: [index & 1, (index >> 1) & 1] as [number, number],
    })
    const plain = [1, 5, 6, 8, 9, 17, 64, 1_024, 1_025, 2_100].map((count) =>
      line(Array.from({ length: count }, (_, index) => different(index))),
    )
    const special = [
      { one: 7, other: 7, signs: [0, 0] },
      { one: 7, other: 7, signs: [1, 1] },
      { one: 7, other: 7, signs: [0, 1] },
    ] as const
    const mixed = special.flatMap((pair) =>
      [0, 3, 8, 18].map((at) =>
        line(
          Array.from({ length: 19 }, (_, index) =>
            index === at ? { ...pair, signs: [...pair.signs] } : different(index),
          ),
        ),
      ),
    )
    return [...plain, ...mixed, line(special.map((pair) => ({ ...pair, signs: [...pair.signs] })))]
  })
}

/** Sums over points whose multiples of the generator are known, with the scalars that witnesses have. */
export function msmCases(): Case[] {
  return groups.flatMap((group) => {
    const { name, zero, multiple, words } = group
    const known = firstMultiples(group, name === 'g1' ? 3_000 : 700)
    const line = (items: { factor: number; scalar: bigint }[]): Case => {
      const total = Fr.create(items.reduce((sum, { factor, scalar }) => sum + BigInt(factor) * scalar, 0n))
      return {
        line: `${name} msm ${items.length} ${items.map(({ factor, scalar }) => `${known[factor]} ${hex(scalar)}`).join(' ')}`,
        expected: total === 0n ? zero : words(multiple(total) as never),
      }
    }
    const scalar = (index: number) =>
      [0n, 1n, Fr.ORDER - 1n, 2n ** 253n, random(256n), random(Fr.ORDER)][index % 6]!
    const sum = (count: number, points: number) =>
      line(Array.from({ length: count }, (_, index) => ({ factor: index % points, scalar: scalar(index) })))
    const same = random(Fr.ORDER)
    return [
      ...[1, 2, 3, 17, 64, 300, known.length].map((count) => sum(count, known.length)),
      // few points again and again: in a bucket they are equal, opposite, and their sums infinity
      ...[12, 300, 3_000].map((count) => sum(count, 12)),
      line(Array.from({ length: 500 }, (_, index) => ({ factor: 1 + index, scalar: same }))),
      line(Array.from({ length: 500 }, () => ({ factor: 5, scalar: same }))),
      line(
        Array.from({ length: 500 }, (_, index) => ({ factor: 5, scalar: index % 2 ? same : Fr.neg(same) })),
      ),
      line(Array.from({ length: 500 }, (_, index) => ({ factor: index, scalar: 1n }))),
      // more terms than one task takes
      ...(name === 'g1' ? [sum(60_000, 2_999)] : []),
    ]
  })
}
