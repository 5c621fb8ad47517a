import {
  type Address,
  BaseError,
  ContractFunctionRevertedError,
  type Hex,
  isAddressEqual,
  type PublicClient,
  slice,
  zeroAddress,
} from 'viem'
import { duckMeshAbi } from '../generated/abi.ts'
import {
  groth16AdapterAbi,
  groth16VerifierAbi,
  meshAgentVerifierAbi,
  verifierRouterAbi,
} from '../generated/modulesAbi.ts'
import { keyOfBytes, type SnarkjsKey } from '../groth16/verifyingKey.ts'

/**
 * Reads a verifying key from where the mesh would use it: agent verifier → router → adapter → verifier → code.
 * @param selector first four bytes of the order's policy
 * @param keyId `modelId` of the order
 * @returns undefined when the selector has no verifier or the verifier no such key
 */
export async function readVerifyingKey(
  reader: PublicClient,
  mesh: Address,
  selector: Hex,
  keyId: Hex,
): Promise<SnarkjsKey | undefined> {
  const agentVerifier = await reader.readContract({
    address: mesh,
    abi: duckMeshAbi,
    functionName: 'getAgentVerifier',
  })
  if (isAddressEqual(agentVerifier, zeroAddress)) return undefined
  const router = await reader.readContract({
    address: agentVerifier,
    abi: meshAgentVerifierAbi,
    functionName: 'router',
  })
  const { adapter } = await reader.readContract({
    address: router,
    abi: verifierRouterAbi,
    functionName: 'entryOf',
    args: [selector],
  })
  if (isAddressEqual(adapter, zeroAddress)) return undefined
  const verifier = await reader.readContract({
    address: adapter,
    abi: groth16AdapterAbi,
    functionName: 'verifier',
  })
  try {
    const args = [keyId] as const
    const [pointer] = await reader.readContract({
      address: verifier,
      abi: groth16VerifierAbi,
      functionName: 'keyOf',
      args,
    })
    const code = await reader.getCode({ address: pointer })
    // the first byte of the code only stops calls
    return code && keyOfBytes(slice(code, 1))
  } catch (error) {
    const isUnknown =
      error instanceof BaseError &&
      error.walk((cause) => cause instanceof ContractFunctionRevertedError) !== null
    if (isUnknown) return undefined
    throw error
  }
}
