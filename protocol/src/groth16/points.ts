import { DuckMeshError } from '../errors/duckMeshError.ts'
import { BASE_FIELD_ORDER, GROUP_ORDER } from './orders.ts'
import { type G1Point, type G2Point, g1At } from './pairing.ts'
import type { SnarkjsProof } from './proof.ts'
import { g2At } from './twist.ts'

type G1Words = SnarkjsProof['pi_a']
type G2Words = SnarkjsProof['pi_b']

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
  if (value >= BASE_FIELD_ORDER) throw malformed('COORDINATE_TOO_LARGE', where)
  return value
}

/**
 * @returns the point; every point of this curve is in the group
 * @throws DuckMeshError `PROOF_MALFORMED`: `COORDINATE_TOO_LARGE`, `OFF_CURVE`
 */
export function g1Point([x, y]: G1Words, where: string): G1Point {
  const point = g1At(coordinate(x, where), coordinate(y, where))
  if (point === undefined) throw malformed('OFF_CURVE', where)
  return point
}

/**
 * @returns the point; the twist has more points than the group, so membership is checked too
 * @throws DuckMeshError `PROOF_MALFORMED`: `COORDINATE_TOO_LARGE`, `OFF_CURVE`, `WRONG_SUBGROUP`
 */
export function g2Point([x, y]: G2Words, where: string): G2Point {
  const parts = ([real, imaginary]: readonly [string, string]) =>
    [coordinate(real, where), coordinate(imaginary, where)] as const
  const point = g2At(parts(x), parts(y))
  if (typeof point === 'string') throw malformed(point, where)
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
    if (value < 0n || value >= GROUP_ORDER) throw malformed('SIGNAL_TOO_LARGE', where)
    return value
  })
}
