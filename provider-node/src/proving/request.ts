import { type CircuitInputs, type ManifestEntry, WTNS_HEADER_BYTES } from '@duckmesh/circuits'
import { circuitValuesSchema, DuckMeshError, inputIssues } from '@duckmesh/protocol'
import type { ProveRequest } from './prover.ts'

/** Most numbers that the inputs of one proof may hold; the largest circuit takes some thousand. */
const MAX_VALUES = 16_384
/** Deepest list in the inputs; no circuit has more than two. */
const MAX_DEPTH = 4
const MAX_SIGNALS = 64

/** Checked values of one request: inputs, or a witness of the right length. */
export type Statement = { inputs: CircuitInputs } | { witness: Uint8Array }

const refuse = (message: string, issues: string[]) => new DuckMeshError('BAD_REQUEST', message, { issues })

/** Counts numbers up to the limit, so that a huge request costs nothing more. */
function isSmall(inputs: unknown): boolean {
  let left = MAX_VALUES
  const count = (value: unknown, depth: number): boolean => {
    if (!Array.isArray(value)) return --left >= 0
    return depth > 0 && value.length <= left && value.every((item) => count(item, depth - 1))
  }
  if (typeof inputs !== 'object' || inputs === null) return true
  const all = Object.values(inputs)
  return all.length <= MAX_SIGNALS && all.every((value) => count(value, MAX_DEPTH))
}

/**
 * Reads what is to be proved; untrusted. Errors name signals and never hold values, which may be secret.
 * @param circuit the circuit's manifest entry
 * @throws DuckMeshError `BAD_REQUEST`; `details.issues` names the inputs
 */
export function parseStatement({ inputs, witness }: ProveRequest, circuit: ManifestEntry): Statement {
  if ((inputs === undefined) === (witness === undefined))
    throw refuse('Give either inputs or a witness.', ['inputs: needed, unless there is a witness'])
  if (witness !== undefined) {
    const bytes = WTNS_HEADER_BYTES + 32 * circuit.wires
    if (!(witness instanceof Uint8Array) || witness.length !== bytes)
      throw refuse(`The circuit's witness has ${bytes} bytes.`, [`witness: not ${bytes} bytes`])
    return { witness }
  }
  if (!isSmall(inputs))
    throw refuse(`Inputs hold at most ${MAX_VALUES} numbers.`, [`inputs: over ${MAX_VALUES} numbers`])
  const parsed = circuitValuesSchema.safeParse(inputs)
  if (parsed.success) return { inputs: parsed.data }
  throw refuse('The inputs are not numbers of the field by name.', inputIssues(parsed.error))
}
