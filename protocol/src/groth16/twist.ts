import mcl, { type Fp2 } from 'mcl-wasm'
import { fp2, type G2Point } from './pairing.ts'

/** The number that this curve is made from; its field, its order and its number of points are polynomials of it. */
export const CURVE_PARAMETER = 4965661367192848881n
/** Its bits below the highest, the higher first. */
const BITS = [...CURVE_PARAMETER.toString(2)].slice(1).map(Number)

/** (9 + i)^((p − 1) / 3) and (9 + i)^((p − 1) / 2): what {@link frobenius} multiplies with. */
export const FROBENIUS_X = [
  21575463638280843010398324269430826099269044274347216827212613867836435027261n,
  10307601595873709700152284273816112264069230130616436755625194854815875713954n,
] as const
export const FROBENIUS_Y = [
  2821565182194536844548159561693502659359617185244120367078079554186484126554n,
  3505843767911556378687030309984248845540243509899259641013678093033130930403n,
] as const

const conjugated = (value: Fp2): Fp2 => {
  const result = value.clone()
  result.set_b(mcl.neg(value.get_b()))
  return result
}

/** Raises the coordinates to the p-th power, on the curve that the twist stands for. */
function frobenius(point: G2Point): G2Point {
  const result = new mcl.G2()
  result.setX(mcl.mul(conjugated(point.getX()), fp2(FROBENIUS_X)))
  result.setY(mcl.mul(conjugated(point.getY()), fp2(FROBENIUS_Y)))
  result.setZ(conjugated(point.getZ()))
  return result
}

/** Only points of the group are multiplied right by mcl's own function, which takes a short cut that is theirs. */
const timesParameter = (point: G2Point): G2Point =>
  BITS.reduce((sum, bit) => (bit === 1 ? mcl.add(mcl.dbl(sum), point) : mcl.dbl(sum)), point)

/**
 * Whether a point of the twist is in the group, at half the price of a multiplication with the order: with z the
 * parameter and φ Frobenius, (z + 1)·P + φ(z·P) + φ²(z·P) = φ³(2z·P) holds for points of the group alone.
 * @see https://eprint.iacr.org/2022/348, sections 3 and 5.1
 */
export function isInGroup(point: G2Point): boolean {
  const multiple = timesParameter(point)
  const first = frobenius(multiple)
  const second = frobenius(first)
  const sum = mcl.add(mcl.add(mcl.add(multiple, point), first), second)
  return sum.isEqual(mcl.dbl(frobenius(second)))
}

/**
 * @param x real and imaginary part, each below the order of the field; the same for `y`
 * @returns the point, or what is wrong with it: the twist has more points than the group
 */
export function g2At(
  x: readonly [bigint, bigint],
  y: readonly [bigint, bigint],
): G2Point | 'OFF_CURVE' | 'WRONG_SUBGROUP' {
  const [xs, ys] = [fp2(x), fp2(y)]
  const addend = mcl.div(fp2([3n, 0n]), fp2([9n, 1n])) // the twist is y² = x³ + 3 / (9 + i)
  if (!mcl.sqr(ys).isEqual(mcl.add(mcl.mul(mcl.sqr(xs), xs), addend))) return 'OFF_CURVE'
  const point = new mcl.G2()
  point.setX(xs)
  point.setY(ys)
  point.setZ(fp2([1n, 0n]))
  return isInGroup(point) ? point : 'WRONG_SUBGROUP'
}
