import { encodeAbiParameters, type Hex, keccak256, numberToHex } from 'viem'

const threeWords = [{ type: 'bytes32' }, { type: 'bytes32' }, { type: 'bytes32' }] as const

/** What a proof is about: one task of one agent. */
export type ProofTask = {
  /** Unique across chains and contracts; for the mesh the job id. */
  taskId: Hex
  /** For the mesh {@link agentIdOf} the provider. */
  agentId: Hex
  /** For the mesh {@link proofInputHash} of the order. */
  inputHash: Hex
}

/**
 * Agent id of a provider: its id as a word.
 * @example agentIdOf(7) // '0x00…07'
 */
export const agentIdOf = (providerId: number): Hex => numberToHex(providerId, { size: 32 })

/**
 * Input hash that the mesh gives to its agent verifier: model, request and policy of the order, so that a proof is also
 * about the model and the rules it was made under.
 */
export const proofInputHash = (order: { modelId: Hex; inputHash: Hex; policy: Hex }): Hex =>
  keccak256(encodeAbiParameters(threeWords, [order.modelId, order.inputHash, order.policy]))

/**
 * Input hash that a proof is made for. It holds task and agent, so a copied proof is worthless elsewhere.
 * Solidity twin: contracts/src/libraries/TaskInput.sol.
 */
export const taskInputOf = ({ taskId, agentId, inputHash }: ProofTask): Hex =>
  keccak256(encodeAbiParameters(threeWords, [taskId, agentId, inputHash]))
