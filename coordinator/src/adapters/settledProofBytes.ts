import { duckMeshAbi } from '@duckmesh/protocol'
import { decodeFunctionData, type Hex } from 'viem'

/** The proof in a `settleProof` transaction; empty when a contract sent it, whose calldata is its own. */
export function settledProofBytes(input: Hex): Hex {
  try {
    const { functionName, args } = decodeFunctionData({ abi: duckMeshAbi, data: input })
    return functionName === 'settleProof' ? args[4] : '0x'
  } catch {
    return '0x' // another function: viem throws for a selector that it does not know
  }
}
