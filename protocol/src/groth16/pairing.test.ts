import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { bn254 } from '@noble/curves/bn254'
import mcl from 'mcl-wasm'
import { GROUP_ORDER } from './orders.ts'
import { combine, type G1Point, type G2Point, g1At, productIsOne, startPairing } from './pairing.ts'
import { g2At } from './twist.ts'

// noble's implementation is the reference
const { BASE } = bn254.G1.ProjectivePoint
const G2 = bn254.G2.ProjectivePoint

/** scalar · generator, by the reference. */
const g1 = (scalar: bigint): G1Point => {
  const { x, y } = BASE.multiply(scalar).toAffine()
  return g1At(x, y)!
}
const g2 = (scalar: bigint): G2Point => {
  const { x, y } = G2.BASE.multiply(scalar).toAffine()
  const point = g2At([x.c0, x.c1], [y.c0, y.c1])
  assert.ok(typeof point === 'object')
  return point
}
/** Numbers below the order that look like chance. */
const scalars = (count: number) =>
  Array.from({ length: count }, (_, index) => (BigInt(index + 2) ** 101n * 0x9e3779b97f4a7c15n) % GROUP_ORDER)

before(startPairing)

describe('combine', () => {
  const agrees = (points: bigint[], factors: bigint[]) => {
    const sum = combine(points.map(g1), factors)
    const scalar = points.reduce((total, point, index) => total + point * factors[index]!, 0n) % GROUP_ORDER
    if (scalar === 0n) assert.ok(sum.isZero())
    else assert.ok(sum.isEqual(g1(scalar)))
  }

  test('agrees with the reference for few and many points', () => {
    for (const count of [1, 2, 5, 40]) agrees(scalars(count), scalars(count).toReversed())
  })

  test('also for factors at the ends, equal points and points that cancel each other', () => {
    agrees([5n, 7n, 9n], [0n, 1n, GROUP_ORDER - 1n])
    agrees([5n, 5n, 5n], [3n, 3n, 4n])
    agrees([5n, GROUP_ORDER - 5n], [11n, 11n])
    agrees([5n, 7n], [0n, 0n])
    assert.ok(combine([], []).isZero())
  })

  test('also for more points than are handed over at once', () => {
    const point = g1(3n)
    const factors = scalars(1_030)
    const sum = factors.reduce((total, factor) => total + factor, 0n)
    const expected = BASE.multiply((3n * sum) % GROUP_ORDER).toAffine()
    assert.ok(combine(Array(1_030).fill(point), factors).isEqual(g1At(expected.x, expected.y)!))
  })
})

describe('productIsOne', () => {
  test('is bilinear: e(aP, bQ) · e(−ab P, Q) is one, and nothing near it', () => {
    for (const [a, b] of [
      [2n, 3n],
      [2n ** 200n + 1n, GROUP_ORDER - 2n],
    ] as const) {
      const ab = (a * b) % GROUP_ORDER
      assert.equal(
        productIsOne([
          [g1(a), g2(b)],
          [g1(GROUP_ORDER - ab), g2(1n)],
        ]),
        true,
      )
      assert.equal(
        productIsOne([
          [g1(a), g2(b)],
          [g1(ab), g2(1n)],
        ]),
        false,
      )
      assert.equal(
        productIsOne([
          [g1(a), g2(b)],
          [g1(GROUP_ORDER - ab - 1n), g2(1n)],
        ]),
        false,
      )
    }
    assert.equal(productIsOne([[g1(1n), g2(1n)]]), false)
  })

  test('takes zero, whose pairing is one', () => {
    const zero = combine([], [])
    assert.equal(productIsOne([[zero, g2(5n)]]), true)
    assert.equal(
      productIsOne([
        [zero, g2(5n)],
        [g1(2n), g2(1n)],
        [g1(GROUP_ORDER - 2n), g2(1n)],
      ]),
      true,
    )
    assert.equal(
      productIsOne([
        [zero, g2(5n)],
        [g1(2n), g2(1n)],
      ]),
      false,
    )
    assert.equal(productIsOne([]), true)
  })

  test('takes more pairs than are handed over at once', () => {
    const [one, other] = [g1(1n), g2(1n)]
    const pairs = Array.from({ length: 520 }, () => [one, other] as const)
    assert.equal(productIsOne([...pairs, [g1(GROUP_ORDER - 520n), other]]), true)
    assert.equal(productIsOne(pairs), false)
  })
})

describe('the WebAssembly of mcl', () => {
  test('does not grow with use', () => {
    const pairs = [
      [g1(2n), g2(3n)],
      [g1(GROUP_ORDER - 6n), g2(1n)],
    ] as const
    const bytes = () => mcl.getMemory().buffer.byteLength
    assert.ok(productIsOne(pairs))
    const before = bytes()
    for (let round = 0; round < 100; round++) assert.ok(productIsOne(pairs))
    assert.equal(bytes(), before)
  })

  test('is set back to this curve when other code has taken another one', async () => {
    const pairs = [
      [g1(2n), g2(3n)],
      [g1(GROUP_ORDER - 6n), g2(1n)],
    ] as const
    await mcl.init(mcl.BLS12_381)
    await Promise.all([startPairing(), startPairing()])
    assert.equal(mcl.curveType, mcl.BN_SNARK1)
    assert.ok(productIsOne(pairs)) // with points that were read before
  })
})
