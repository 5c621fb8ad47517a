import { bn254 } from '@noble/curves/bn254'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { SnarkjsProof } from './proof.ts'

const { Fp, Fp2, Fr } = bn254.fields

type G1Words = SnarkjsProof['pi_a']
type G2Words = SnarkjsProof['pi_b']

/** A point of the first group, BN254 over its base field. */
export type G1Point = InstanceType<typeof bn254.G1.ProjectivePoint>
/** A point of the second group, the twist over the quadratic extension. */
export type G2Point = InstanceType<typeof bn254.G2.ProjectivePoint>

/** What can be wrong with a proof or a key before any pairing; in `details.fault` of `PROOF_MALFORMED`. */
export type ProofFault =
  | 'SHAPE'
  | 'COORDINATE_TOO_LARGE'
  | 'OFF_CURVE'
  | 'WRONG_SUBGROUP'
  | 'SIGNAL_TOO_LARGE'
  | 'SIGNAL_COUNT'

/** @param where which part of the proof or key, e.g. `pi_b` */
export const malformed = (fault: ProofFault, where: string, facts: Record<string, unknown> = {}) =>
  new DuckMeshError('PROOF_MALFORMED', `${where}: ${fault.toLowerCase().replaceAll('_', ' ')}.`, {
    fault,
    where,
    ...facts,
  })

function coordinate(word: string, where: string): bigint {
  const value = BigInt(word)
  if (value >= Fp.ORDER) throw malformed('COORDINATE_TOO_LARGE', where)
  return value
}

/**
 * @returns the point; every point of this curve is in the group
 * @throws DuckMeshError `PROOF_MALFORMED`: `COORDINATE_TOO_LARGE`, `OFF_CURVE`
 */
export function g1Point([first, second]: G1Words, where: string): G1Point {
  const [x, y] = [coordinate(first, where), coordinate(second, where)]
  if (!Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), bn254.params.G1b))) throw malformed('OFF_CURVE', where)
  return bn254.G1.ProjectivePoint.fromAffine({ x, y })
}

/**
 * @returns the point; the twist has more points than the group, so membership is checked too
 * @throws DuckMeshError `PROOF_MALFORMED`: `COORDINATE_TOO_LARGE`, `OFF_CURVE`, `WRONG_SUBGROUP`
 */
export function g2Point([first, second]: G2Words, where: string): G2Point {
  const [x, y] = [first, second].map(([real, imaginary]) =>
    Fp2.create({ c0: coordinate(real, where), c1: coordinate(imaginary, where) }),
  ) as [ReturnType<typeof Fp2.create>, ReturnType<typeof Fp2.create>]
  if (!Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.params.G2b)))
    throw malformed('OFF_CURVE', where)
  const point = bn254.G2.ProjectivePoint.fromAffine({ x, y })
  if (!point.isTorsionFree()) throw malformed('WRONG_SUBGROUP', where)
  return point
}

/**
 * @param signals numbers, or decimal text as snarkjs writes them
 * @param at what the place in an error begins with
 * @throws DuckMeshError `PROOF_MALFORMED`: `SIGNAL_COUNT`; `SIGNAL_TOO_LARGE`, without which one statement would have
 * several spellings; `SHAPE`
 */
export function signalScalars(signals: readonly (bigint | string)[], count: number, at = ''): bigint[] {
  if (signals.length !== count)
    throw malformed('SIGNAL_COUNT', `${at}publicSignals`, { expected: count, given: signals.length })
  return signals.map((signal, index) => {
    const where = `${at}publicSignals[${index}]`
    if (typeof signal === 'string' && !/^\d{1,78}$/.test(signal)) throw malformed('SHAPE', where)
    const value = BigInt(signal)
    if (value < 0n || value >= Fr.ORDER) throw malformed('SIGNAL_TOO_LARGE', where)
    return value
  })
}
