import {
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  getCreate2Address,
  type Hex,
  type PublicClient,
  toHex,
  zeroHash,
} from 'viem'
import { modelRegistryAbi } from '../generated/modulesAbi.ts'
import {
  type ArchitectureKey,
  architectureIdOf,
  basisPartsOf,
  modelIdOf,
  weightsHashOf,
} from '../groth16/model.ts'
import { keyBytes } from '../groth16/verifyingKey.ts'

type Write = ContractFunctionName<typeof modelRegistryAbi, 'nonpayable'>

/** A transaction to the registry of models. */
export type ModelCall = {
  [Name in Write]: {
    functionName: Name
    args: ContractFunctionArgs<typeof modelRegistryAbi, 'nonpayable', Name>
  }
}[Write]

/** Parts that fit into one transaction: 2.5 million gas each, of 16.7 million (EIP-7825). */
const PARTS_PER_CALL = 5

/** Salts under which the registry keeps parts of keys, see ModelBasis. */
const salts = { key: zeroHash, basis: toHex(1, { size: 32 }) }

/**
 * The transactions that are missing until a model is registered, in order. Reads what is there, so whatever was cut off
 * goes on: parts of the key, and a draft of this account that has the same weights.
 * @param by account that sends them
 * @param metadataHash of whatever describes the model
 * @returns none when the model is registered
 */
export async function modelCalls(
  reader: PublicClient,
  registry: Address,
  by: Address,
  architecture: ArchitectureKey,
  weights: readonly bigint[],
  metadataHash: Hex,
): Promise<ModelCall[]> {
  const { head, bases, keyId, basisIds } = architecture
  const contract = { address: registry, abi: modelRegistryAbi } as const
  const modelId = modelIdOf(architecture, weights, metadataHash)
  const model = await reader.readContract({ ...contract, functionName: 'modelOf', args: [modelId] })
  if (model.keyId !== zeroHash) return []
  const isMissing = async (salt: Hex, bytecodeHash: Hex) =>
    (await reader.getCode({ address: getCreate2Address({ from: registry, salt, bytecodeHash }) })) ===
    undefined
  const calls: ModelCall[] = []
  if (await isMissing(salts.key, keyId)) calls.push({ functionName: 'registerKey', args: [keyBytes(head)] })
  for (const [index, basisId] of basisIds.entries())
    if (await isMissing(salts.basis, basisId))
      calls.push({ functionName: 'storeBasis', args: [bases[index]!] })
  const draft = await reader.readContract({
    ...contract,
    functionName: 'draftOf',
    args: [by, architectureIdOf(architecture), metadataHash],
  })
  const parts = basisPartsOf(weights)
  const kept = Number(draft.parts)
  const isOurs = weightsHashOf(parts.slice(0, kept).flat()) === draft.weightsHash
  for (let from = isOurs ? kept : 0; from < parts.length; from += PARTS_PER_CALL) {
    const added = parts.slice(from, from + PARTS_PER_CALL).flat()
    const args = [{ keyId, basisIds }, metadataHash, BigInt(from), added] as const
    calls.push({ functionName: 'addWeights', args })
  }
  return calls
}
