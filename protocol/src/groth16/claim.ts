import { decodeAbiParameters, encodeAbiParameters, type Hex, keccak256 } from 'viem'

/** What a Groth16 job proves: the task it belongs to, the proof and the public signals without the context. */
export type Groth16Claim = {
  /** Job id. */
  taskId: Hex
  /** The provider, as `bytes32(uint256(providerId))`. */
  agentId: Hex
  /** Key id, see `keyIdOf`. */
  modelId: Hex
  /** `policy` of the order. */
  policy: Hex
  /** Eight words, see `wordsOfProof`. */
  proof: readonly bigint[]
  /** First public signals of the circuit: what it computed. */
  results: readonly bigint[]
  /** Next public signals: what the requester asked for. */
  request: readonly bigint[]
}

/**
 * The last public signal of every circuit of the mesh. It binds a proof to one job, provider, chain and mesh, so that a
 * copy of the proof is worthless to anybody else.
 * @returns the high 248 bits of keccak256(abi.encode(taskId, agentId)), which is always below the group order
 */
export function contextOf(taskId: Hex, agentId: Hex): bigint {
  return (
    BigInt(keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [taskId, agentId]))) >>
    8n
  )
}

/**
 * Hash of public signals: of the results it is the `outputHash` of a job, of the request its `inputHash`.
 * @returns keccak256(abi.encode(uint256[] signals))
 */
export const signalsHash = (signals: readonly bigint[]): Hex =>
  keccak256(encodeAbiParameters([{ type: 'uint256[]' }], [signals]))

/** Parameters of the proof bytes, see contracts/src/interfaces/IGroth16Adapter.sol. */
const claimParameters = [
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'bytes32' },
  { type: 'uint256[8]' },
  { type: 'uint256[]' },
  { type: 'uint256[]' },
] as const

type Words = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]

/** The proof bytes that `Groth16Adapter` takes. */
export function encodeGroth16Claim(claim: Groth16Claim): Hex {
  const { taskId, agentId, modelId, policy, proof, results, request } = claim
  const hash = signalsHash(request)
  return encodeAbiParameters(claimParameters, [
    taskId,
    agentId,
    modelId,
    hash,
    policy,
    proof as unknown as Words,
    results,
    request,
  ])
}

/** What proof bytes claim, with the hash of the request that they name; undefined for bytes of another form. */
export function decodeGroth16Claim(bytes: Hex): (Groth16Claim & { requestHash: Hex }) | undefined {
  try {
    const [taskId, agentId, modelId, requestHash, policy, proof, results, request] = decodeAbiParameters(
      claimParameters,
      bytes,
    )
    return { taskId, agentId, modelId, requestHash, policy, proof, results, request }
  } catch {
    return undefined // the decoder throws for bytes of another form; what they are does not matter
  }
}
