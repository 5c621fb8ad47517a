import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { bn254 } from '@noble/curves/bn254'
import { BASE_FIELD_ORDER, GROUP_ORDER } from './orders.ts'
import { startPairing } from './pairing.ts'
import { CURVE_PARAMETER, FROBENIUS_X, FROBENIUS_Y, g2At } from './twist.ts'

// noble's implementation is the reference: it multiplies with the order
const { Fp2 } = bn254.fields
const Twist = bn254.G2.ProjectivePoint
type TwistPoint = typeof Twist.BASE

/** Points of the twist over the quadratic extension: the order of the group times a factor of which 10069 is the least prime. */
const COFACTOR = 2n * BASE_FIELD_ORDER - GROUP_ORDER
const LEAST_PRIME = 10_069n

/** The point as `g2At` takes it. */
function read(point: TwistPoint) {
  const { x, y } = point.toAffine()
  return g2At([x.c0, x.c1], [y.c0, y.c1])
}

/** Points of the twist; nearly none of them is in the group. */
function* points(): Generator<TwistPoint> {
  for (let trial = 1n; ; trial++) {
    const x = Fp2.create({ c0: trial, c1: 1n })
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.params.G2b)
    let y: typeof x
    try {
      y = Fp2.sqrt(square)
    } catch (noRoot) {
      assert.match(String(noRoot), /square root/)
      continue
    }
    yield Twist.fromAffine({ x, y })
  }
}

/** A point times a number that may exceed the order of the group. */
function times(point: TwistPoint, factor: bigint): TwistPoint {
  let sum = Twist.ZERO
  for (const bit of factor.toString(2)) {
    sum = sum.double()
    if (bit === '1') sum = sum.add(point)
  }
  return sum
}

describe('g2At', () => {
  before(startPairing)

  test('takes points of the group', () => {
    for (const factor of [1n, 2n, 3n, 2n ** 128n, GROUP_ORDER - 1n])
      assert.equal(typeof read(Twist.BASE.multiply(factor)), 'object')
  })

  test('refuses what the reference refuses: points of the twist that are not in the group', () => {
    let seen = 0
    for (const point of points()) {
      assert.equal(point.isTorsionFree(), false)
      assert.equal(read(point), 'WRONG_SUBGROUP')
      // multiplied into the group
      assert.equal(typeof read(times(point, COFACTOR)), 'object')
      if (++seen === 8) break
    }
  })

  test('refuses points of the smallest order that there is, alone and added to a point of the group', () => {
    const small = times(points().next().value!, (GROUP_ORDER * COFACTOR) / LEAST_PRIME)
    assert.ok(!small.equals(Twist.ZERO) && times(small, LEAST_PRIME).equals(Twist.ZERO))
    for (const factor of [1n, 2n, LEAST_PRIME - 1n]) {
      const point = times(small, factor)
      assert.equal(read(point), 'WRONG_SUBGROUP')
      assert.equal(read(Twist.BASE.add(point)), 'WRONG_SUBGROUP')
    }
  })

  test('refuses points off the twist', () => {
    const { x, y } = Twist.BASE.toAffine()
    assert.equal(g2At([x.c0, x.c1], [y.c0, y.c1 + 1n]), 'OFF_CURVE')
    assert.equal(g2At([x.c1, x.c0], [y.c1, y.c0]), 'OFF_CURVE')
    assert.equal(g2At([0n, 0n], [0n, 0n]), 'OFF_CURVE')
  })

  test('the equation holds for the group alone: its kernel and the twist share no more points', () => {
    const z = CURVE_PARAMETER
    const trace = 6n * z * z + 1n
    assert.equal(36n * z ** 4n + 36n * z ** 3n + 24n * z * z + 6n * z + 1n, BASE_FIELD_ORDER)
    assert.equal(BASE_FIELD_ORDER + 1n - trace, GROUP_ORDER)
    // z + 1 + zφ + zφ² − 2zφ³ as a + bφ, for φ² = trace·φ − p; the kernel has as many points as the norm of that
    const p = BASE_FIELD_ORDER
    const a = z + 1n - z * p + 2n * z * trace * p
    const b = z + z * trace - 2n * z * (trace * trace - p)
    const kernel = a * a + a * b * trace + b * b * p
    const common = (one: bigint, other: bigint): bigint => (other === 0n ? one : common(other, one % other))
    assert.equal(common(kernel, GROUP_ORDER * COFACTOR), GROUP_ORDER)
  })

  test('the constants of Frobenius are powers of 9 + i', () => {
    const power = (divisor: bigint) => {
      const { c0, c1 } = Fp2.pow(Fp2.create({ c0: 9n, c1: 1n }), (BASE_FIELD_ORDER - 1n) / divisor)
      return [c0, c1]
    }
    assert.deepEqual(power(3n), FROBENIUS_X)
    assert.deepEqual(power(2n), FROBENIUS_Y)
  })
})
