// Apart from index.ts, as part of `@duckmesh/protocol/proving`: it needs the curve.
import type { ArchitectureKey } from './model.ts'
import { combine, coordinatesOf, startPairing } from './pairing.ts'
import { g1Point, malformed, signalScalars } from './points.ts'
import type { SnarkjsKey } from './verifyingKey.ts'

/**
 * The verifying key of one model: that of its architecture, with the weights folded into the constant point. Proofs of the
 * whole circuit hold under it without the weights among their signals. Solidity twin: ModelWeights.
 * @param key of the whole circuit
 * @param weights field elements in the circuit's order
 * @throws DuckMeshError `PROOF_MALFORMED` when a point is off the curve, or weights are too many, too few or too large;
 * `BAD_CONFIG` where WebAssembly is not allowed
 */
export async function foldModel(
  key: SnarkjsKey,
  { head, weightCount }: ArchitectureKey,
  weights: readonly bigint[],
): Promise<SnarkjsKey> {
  await startPairing()
  const scalars = signalScalars(weights, weightCount, 'weights: ')
  const [constant, ...inputs] = head.IC
  if (!constant) throw malformed('SHAPE', 'verifyingKey')
  const points = key.IC.slice(head.IC.length).map((point, index) => g1Point(point, `weights[${index}]`))
  const [x, y] = coordinatesOf(combine([...points, g1Point(constant, 'IC[0]')], [...scalars, 1n]))
  return { ...head, IC: [[`${x}`, `${y}`, '1'], ...inputs] }
}
