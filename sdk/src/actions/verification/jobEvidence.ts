import {
  chainError,
  type InferenceRequest,
  type JobResult,
  type JobStatus,
  type MeshDomain,
  type ProviderId,
  type SignedAssignment,
} from '@duckmesh/protocol'
import { type Address, type Hex, isAddressEqual, recoverAddress, zeroHash } from 'viem'
import { type AnchoredRound, type JobOnChain, readJobOnChain } from '../../chain/jobOnChain.ts'
import { signingKeysAt } from '../../chain/signingKeysAt.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** A round as the chain has it, with the keys of its seats when it was anchored. */
export type RoundEvidence = AnchoredRound & { signingKeys: ReadonlyMap<ProviderId, Address> }

/** All that the checks of a job compare: what the coordinator says on one side, the chain on the other. */
export type JobEvidence = {
  domain: MeshDomain
  /** The coordinator's account of the job. */
  status: JobStatus
  chain: Omit<JobOnChain, 'rounds'> & { rounds: RoundEvidence[] }
  /** Whether the requester signed the order, contract wallets included, or posted it on chain itself. */
  isOrderSigned: boolean
  /** Answer and receipts; only their requester has them. */
  answer?: JobResult | undefined
  /** Request that was ordered, where it is known. */
  request?: InferenceRequest | undefined
}

/**
 * Gathers the evidence about a job from the coordinator and the chain.
 * @throws DuckMeshError `JOB_NOT_FOUND`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`
 */
export async function gatherEvidence(
  context: ClientContext,
  status: JobStatus,
  known: Pick<JobEvidence, 'answer' | 'request'> = {},
): Promise<JobEvidence> {
  const [chain, isSigned] = await Promise.all([
    readJobOnChain(context, status.jobId),
    isSignedBy(context, status.order.requester, status.jobId, status.orderSignature),
  ])
  const rounds = await Promise.all(
    chain.rounds.map(async (round) => ({
      ...round,
      commitments: round.commitments.length > 0 ? round.commitments : toldCommitments(status, round),
      signingKeys: await signingKeysAt(context, round.seats, round.blockNumber),
    })),
  )
  // the contract takes a post from nobody but the requester
  const isOrderSigned = isSigned || chain.transactions.some(({ kind }) => kind === 'JobPosted')
  return { domain: context.domain, status, chain: { ...chain, rounds }, isOrderSigned, ...known }
}

// where the chain does not show them; their signatures and openings are checked all the same
const toldCommitments = ({ commitments }: JobStatus, { round, seats }: AnchoredRound): Hex[] =>
  seats.map((seat) => {
    const told = commitments.find((entry) => entry.round === round && entry.providerId === seat)
    return told?.commitment ?? zeroHash
  })

// the job id is the EIP-712 digest; like the contract this tries the key first, then asks a contract wallet (ERC-1271)
async function isSignedBy({ publicClient }: ClientContext, address: Address, hash: Hex, signature: Hex) {
  const signer = await recoverAddress({ hash, signature }).catch(() => undefined) // off-curve signatures throw
  if (signer && isAddressEqual(signer, address)) return true
  try {
    return await publicClient.verifyHash({ address, hash, signature })
  } catch (thrown) {
    throw chainError(thrown, 'verifyHash')
  }
}

/** The assignment that seats a round: the last one that was signed for it. */
export const seatingOf = (status: JobStatus, round: number): SignedAssignment | undefined =>
  status.assignments.findLast(({ assignment }) => assignment.round === round)
