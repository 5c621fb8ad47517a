import { commitmentOf, duckMeshAbi, type JobId, type ProviderId } from '@duckmesh/protocol'
import { decodeFunctionData, type Hex } from 'viem'
import type { ClientContext } from '../clients/clientContext.ts'
import { readTransactionInput } from './readTransactionInput.ts'

/** The round that a transaction closed. */
export type ClosedRound = {
  jobId: JobId
  round: number
  seats: readonly ProviderId[]
  commitments: readonly Hex[]
}

/**
 * Openings in the calldata of a call of `openSeats`. Only those that hash to the anchored commitments are given, so
 * nothing depends on who sent it.
 * @returns pairs of provider id and output hash; undefined for a call through another contract, which hides them
 */
export async function closingOpenings(
  context: ClientContext,
  transactionHash: Hex,
  { jobId, round, seats, commitments }: ClosedRound,
): Promise<(readonly [ProviderId, Hex])[] | undefined> {
  const call = decodeMeshCall(await readTransactionInput(context, transactionHash))
  if (call?.functionName !== 'openSeats') return undefined
  const [, ids, , outputs, salts] = call.args
  return ids.flatMap((providerId, index) => {
    const outputHash = outputs[index]
    const salt = salts[index]
    const at = seats.indexOf(providerId)
    if (!outputHash || !salt || at < 0) return []
    const opens = commitmentOf({ jobId, round, providerId, outputHash, salt }) === commitments[at]
    return opens ? [[providerId, outputHash] as const] : []
  })
}

/** Decodes calldata of DuckMesh; undefined when it is for something else. */
export function decodeMeshCall(data: Hex) {
  try {
    return decodeFunctionData({ abi: duckMeshAbi, data })
  } catch {
    return undefined // viem throws for a selector that the ABI does not have
  }
}
