import { chainError, DuckMeshError, evidenceHash, isIncluded, type PlacedEvidence } from '@duckmesh/protocol'
import { type Address, type Hex, isAddressEqual } from 'viem'
import { contractEvents } from '../../chain/contractEvents.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** Where the chain has a batch. */
export type AnchorOnChain = { transaction: Hex; block: bigint }

/**
 * Address of EvidenceAnchors that the user vouches for: a contract that the coordinator names could say anything.
 * @throws DuckMeshError `BAD_CONFIG` when it is not known
 */
export function anchorsOf({ evidenceAnchors, info }: ClientContext): Address {
  if (evidenceAnchors) return evidenceAnchors
  const message = `No address of EvidenceAnchors is known for chain ${info.chainId}: pass one to DuckMeshClient.connect.`
  throw new DuckMeshError('BAD_CONFIG', message, { setting: 'evidenceAnchors' })
}

/** The contract, whose ABI is loaded only when evidence is checked. */
async function contractOf(context: ClientContext) {
  const address = anchorsOf(context)
  const { evidenceAnchorsAbi: abi } = await import('@duckmesh/protocol/modules')
  return { address, abi } as const
}

/**
 * Checks the way of a piece of evidence to the chain: its hash is made anew, the path is followed here and by the
 * contract, and the anchorer is the coordinator that this client is connected to.
 * @returns what does not hold; empty when it is good
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `BAD_CONFIG`
 */
export async function inclusionProblems(
  context: ClientContext,
  { item, inclusion }: PlacedEvidence,
): Promise<string[]> {
  if (!inclusion) return ['waits for a batch: ask again later']
  const { anchorer, sequence, batch, index, path, isAnchored } = inclusion
  if (!isAnchored) return [`batch ${sequence} is not on chain yet: ask again later`]
  const hash = evidenceHash(context.domain, item)
  const problems: string[] = []
  if (!isAddressEqual(anchorer, context.info.address)) problems.push(`anchored by ${anchorer}`)
  if (!isIncluded(hash, { ...batch, index, path })) problems.push('the path does not lead to the root')
  const contract = await contractOf(context)
  const isThere = await context.publicClient
    .readContract({
      ...contract,
      functionName: 'verify',
      args: [anchorer, BigInt(sequence), batch, hash, BigInt(index), path],
    })
    .catch((thrown: unknown) => {
      throw chainError(thrown, 'verify')
    })
  if (!isThere) problems.push(`the chain has no such leaf in batch ${sequence}`)
  return problems
}

/**
 * Finds the transaction that anchored a batch.
 * @returns undefined when the chain has none
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `BAD_CONFIG`
 */
export async function findAnchor(
  context: ClientContext,
  anchorer: Address,
  sequence: number,
): Promise<AnchorOnChain | undefined> {
  const contract = await contractOf(context)
  const args = { anchorer, sequence: BigInt(sequence) }
  const [log] = await contractEvents(context, contract, 'BatchAnchored', args)
  return log && { transaction: log.transactionHash, block: log.blockNumber }
}
