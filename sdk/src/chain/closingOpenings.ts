import { commitmentOf, duckMeshAbi, type JobId, type ProviderId, rounds } from '@duckmesh/protocol'
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

/**
 * What paid seats had committed to, recomputed from the salts in the calldata of `settleSeats`: the contract has checked
 * that every seat revealed over exactly these.
 * @returns commitments in seat order; empty for a call through another contract, which hides them
 */
export async function paidCommitments(
  context: ClientContext,
  transactionHash: Hex,
  { jobId, outputHash, seats }: { jobId: JobId; outputHash: Hex; seats: readonly ProviderId[] },
): Promise<Hex[]> {
  const call = decodeMeshCall(await readTransactionInput(context, transactionHash))
  if (call?.functionName !== 'settleSeats') return []
  const [, , , , , salts] = call.args
  return seats.map((providerId, index) =>
    commitmentOf({ jobId, round: rounds.first, providerId, outputHash, salt: salts[index]! }),
  )
}

/** Decodes calldata of DuckMesh; undefined when it is for something else. */
export function decodeMeshCall(data: Hex) {
  try {
    return decodeFunctionData({ abi: duckMeshAbi, data })
  } catch {
    return undefined // viem throws for a selector that the ABI does not have
  }
}
