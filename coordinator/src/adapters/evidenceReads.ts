import { duckMeshAbi, onchainStatusName, outputTag } from '@duckmesh/protocol'
import { evidenceAnchorsAbi } from '@duckmesh/protocol/modules'
import type { Address, PublicClient } from 'viem'
import type { EvidenceChain } from '../ports/evidenceChain.ts'

/**
 * Reads of the chain that evidence needs.
 * @param reader any client
 * @param guard gives a failure the code of the product
 */
export function evidenceReads(
  reader: PublicClient,
  mesh: Address,
  guard: <T>(action: string, work: () => Promise<T>) => Promise<T>,
): EvidenceChain {
  const contract = { address: mesh, abi: duckMeshAbi } as const
  const anchorsAt = (address: Address) => ({ address, abi: evidenceAnchorsAbi }) as const
  return {
    anchorHead: (anchors, anchorer) =>
      guard('headOf', async () => {
        const call = { ...anchorsAt(anchors), functionName: 'headOf', args: [anchorer] } as const
        const [length, until] = await reader.readContract(call)
        return { length: Number(length), until }
      }),
    anchorCommitment: (anchors, anchorer, sequence) =>
      guard('commitmentOf', () =>
        reader.readContract({
          ...anchorsAt(anchors),
          functionName: 'commitmentOf',
          args: [anchorer, BigInt(sequence)],
        }),
      ),
    isChannelOpened: (channelId) =>
      guard('channelOf', async () => {
        const call = { ...contract, functionName: 'channelOf', args: [channelId] } as const
        return (await reader.readContract(call)).opened
      }),
    isPaidFor: (jobId, providerId, outputHash) =>
      guard('jobOf', async () => {
        const job = await reader.readContract({ ...contract, functionName: 'jobOf', args: [jobId] })
        const isPaid = onchainStatusName(job.status) === 'paid'
        return isPaid && job.providerId === providerId && job.tag === BigInt(outputTag(outputHash))
      }),
  }
}
