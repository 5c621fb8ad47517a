// Apart from index.ts, as `@duckmesh/protocol/groth16`: a page that verifies no proof does not load the pairing.
import { GROUP_ORDER } from './orders.ts'
import {
  combine,
  type G1Point,
  type G2Point,
  multiplied,
  negated,
  productIsOne,
  startPairing,
} from './pairing.ts'
import { g1Point, g2Point, malformed, signalScalars } from './points.ts'
import { type SnarkjsProof, snarkjsProofSchema } from './proof.ts'
import { type SnarkjsKey, snarkjsKeySchema } from './verifyingKey.ts'

export type { ProofFault } from './points.ts'

/** A proof and the statement that it is about. */
export type ProofItem = {
  proof: SnarkjsProof
  /** In the circuit's order; numbers, or decimal text as snarkjs writes them. */
  publicSignals: readonly (bigint | string)[]
}

type PreparedKey = { alpha: G1Point; beta: G2Point; gamma: G2Point; delta: G2Point; inputs: G1Point[] }

/** Keys that were read and checked before; one object stands for one key. */
const preparedKeys = new WeakMap<object, PreparedKey>()

function prepare(key: SnarkjsKey): PreparedKey {
  const known = preparedKeys.get(key)
  if (known !== undefined) return known
  const parsed = snarkjsKeySchema.safeParse(key)
  if (!parsed.success) throw malformed('SHAPE', 'verifyingKey')
  const { vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC } = parsed.data
  const prepared = {
    alpha: g1Point(vk_alpha_1, 'vk_alpha_1'),
    beta: g2Point(vk_beta_2, 'vk_beta_2'),
    gamma: g2Point(vk_gamma_2, 'vk_gamma_2'),
    delta: g2Point(vk_delta_2, 'vk_delta_2'),
    inputs: IC.map((point, index) => g1Point(point, `IC[${index}]`)),
  }
  preparedKeys.set(key, prepared)
  return prepared
}

function readProof(proof: SnarkjsProof, at = ''): { a: G1Point; b: G2Point; c: G1Point } {
  const parsed = snarkjsProofSchema.safeParse(proof)
  if (!parsed.success) throw malformed('SHAPE', `${at}proof`)
  const { pi_a, pi_b, pi_c } = parsed.data
  return {
    a: g1Point(pi_a, `${at}pi_a`),
    b: g2Point(pi_b, `${at}pi_b`),
    c: g1Point(pi_c, `${at}pi_c`),
  }
}

/**
 * Verifies a Groth16 proof over BN254: e(A, B) = e(α, β) · e(Σ signalᵢ·ICᵢ, γ) · e(C, δ). Runs in browsers.
 * What a key is worth is not seen from it: check who made it, and compute `ctx`, as docs/zk.md says.
 * @param key as snarkjs writes it; it is checked once for each object, so do not change the object afterwards
 * @param publicSignals in the circuit's order
 * @returns whether the proof holds
 * @throws DuckMeshError `PROOF_MALFORMED` with `details.fault` and `details.where` when a point is off the curve or outside
 * its group, or when the signals are too many, too few or not below the group order; `BAD_CONFIG` without WebAssembly
 * @example
 * await verifyProof(JSON.parse(keyText), ['7', '42'], proof) // true
 * @see https://eprint.iacr.org/2016/260, section 3.2
 */
export async function verifyProof(
  key: SnarkjsKey,
  publicSignals: ProofItem['publicSignals'],
  proof: SnarkjsProof,
): Promise<boolean> {
  await startPairing()
  const { alpha, beta, gamma, delta, inputs } = prepare(key)
  const scalars = signalScalars(publicSignals, inputs.length - 1)
  const { a, b, c } = readProof(proof)
  const statement = combine(inputs, [1n, ...scalars])
  return productIsOne([
    [negated(a), b],
    [alpha, beta],
    [statement, gamma],
    [c, delta],
  ])
}

/** @returns a number from 1 to 2^128 from the system's randomness */
function randomFactor(): bigint {
  const [high, low] = globalThis.crypto.getRandomValues(new BigUint64Array(2))
  return (high! << 64n) + low! + 1n
}

/**
 * Verifies proofs for one key together: each is multiplied by a random factor, so that wrong ones cannot cancel each other,
 * but with probability 2^-128. One pairing for each proof and three for all. One wrong proof makes the batch false: which
 * it was is found by halving.
 * @param random factor of each proof, not to be foreseen by whoever made the proofs; one with a seed is for tests alone
 * @returns whether all hold; true for none
 * @throws DuckMeshError `PROOF_MALFORMED`, see {@link verifyProof}; `details.where` begins with `items[index]`
 */
export async function verifyProofs(
  key: SnarkjsKey,
  items: readonly ProofItem[],
  random: () => bigint = randomFactor,
): Promise<boolean> {
  await startPairing()
  if (items.length === 0) return true
  const { alpha, beta, gamma, delta, inputs } = prepare(key)
  const read = items.map(({ proof, publicSignals }, index) => {
    const at = `items[${index}].`
    return { ...readProof(proof, at), scalars: [1n, ...signalScalars(publicSignals, inputs.length - 1, at)] }
  })
  const factors = items.map(random)
  const total = (scalarOf: (item: number) => bigint) =>
    factors.reduce((sum, factor, item) => sum + factor * scalarOf(item), 0n) % GROUP_ORDER
  const weight = total(() => 1n)
  const statement = combine(
    inputs,
    inputs.map((_, signal) => total((item) => read[item]!.scalars[signal]!)),
  )
  const sumC = combine(
    read.map(({ c }) => c),
    factors,
  )
  return productIsOne([
    ...read.map(({ a, b }, item) => [multiplied(negated(a), factors[item]!), b] as const),
    [multiplied(alpha, weight), beta],
    [statement, gamma],
    [sumC, delta],
  ])
}
