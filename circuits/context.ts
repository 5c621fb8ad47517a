import { encodeAbiParameters, type Hex, keccak256 } from 'viem'

/**
 * The public input `ctx` of every circuit: it ties a proof to one job of one provider.
 *
 * A proof is otherwise good for whoever holds it. The circuits do nothing with `ctx`, so it costs one constraint, and the
 * verifier computes it for itself. The lowest byte is dropped so that it is a number of the field.
 * @param taskId the job id: an EIP-712 digest, which folds in the chain and the contract
 * @param agentId the provider's id as 32 bytes
 * @example contextOf(order.jobId, pad(toHex(providerId)))
 */
export const contextOf = (taskId: Hex, agentId: Hex): bigint =>
  BigInt(keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32' }], [taskId, agentId]))) >> 8n
