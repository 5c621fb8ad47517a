import {
  type DisputeBody,
  DuckMeshError,
  hashCanonical,
  type JobId,
  jobIdOf,
  rounds,
  seatBy,
} from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import type { JobRecord } from '../../ports/store.ts'
import { checkDomain } from './admission.ts'
import { assignRound } from './assign.ts'
import { findCandidates } from './eligibility.ts'
import { closeFromChain } from './settle.ts'

/** Pause before a dispute that nobody can judge right now is looked at again, ms. */
const RETRY_MS = 1_000

/**
 * Takes in the request of a job that is disputed on chain, so that three others run it again. Nobody has to be asked:
 * bond and order are on chain already. Sending the same again answers with the job that exists.
 * @returns the job id, and whether the coordinator did not know of it
 * @throws DuckMeshError `WRONG_CHAIN`, `WRONG_COORDINATOR`, `INPUT_MISMATCH`, `NOT_DISPUTED`, `DISPUTE_EXPIRED`
 */
export async function admitDispute(
  container: Container,
  body: DisputeBody,
): Promise<{ jobId: JobId; isNew: boolean }> {
  const { chain, clock, domain, signer, store, observe, wakes } = container
  const { order, request } = body
  checkDomain(container, body.domain)
  const jobId = jobIdOf(domain, order)
  if (await store.job(jobId)) return { jobId, isNew: false }

  if (!isAddressEqual(order.coordinator, signer.address)) {
    const message = `The order names coordinator ${order.coordinator}: only that one can seat a re-execution.`
    throw new DuckMeshError('WRONG_COORDINATOR', message, { coordinator: signer.address })
  }
  if (hashCanonical(request) !== order.inputHash) {
    throw new DuckMeshError('INPUT_MISMATCH', 'order.inputHash is not the hash of the request.')
  }
  const [onchain, { timestamp }, accused] = await Promise.all([
    chain.job(jobId),
    chain.head(),
    chain.accusedOf(jobId),
  ])
  if (onchain.status !== 'disputed') {
    const details = { status: onchain.status }
    throw new DuckMeshError('NOT_DISPUTED', `The job is ${onchain.status} on chain.`, details)
  }
  const deadline = seatBy(order, rounds.dispute, onchain.at)
  if (timestamp > deadline) {
    const message = `The re-execution had to be seated ${timestamp - deadline} s ago.`
    throw new DuckMeshError('DISPUTE_EXPIRED', message, { seatBy: deadline, nowSeconds: timestamp })
  }
  const { skipped } = await findCandidates(container, order, rounds.dispute, new Map([[accused, 'ACCUSED']]))
  const createdAtMs = clock.nowMs()
  const made = await store.createJob(
    {
      jobId,
      state: 'disputed',
      round: rounds.dispute,
      order,
      orderSignature: '0x',
      request,
      createdAtMs,
      updatedAtMs: createdAtMs,
      // the outcome needs the submission, which is at most one dispute window older than the dispute
      fromBlock: await chain.blockAt(onchain.at - order.disputeWindow),
      outcome: null,
      skipped,
    },
    { type: 'disputed', data: { accused, bondWei: order.bondWei, seatBy: deadline } },
  )
  observe('received', { jobId })
  wakes.ring('due')
  return { jobId, isNew: made === 'created' }
}

/**
 * A disputed job: draws the seats of its re-execution, without the accused. When nobody could be seated in time, the
 * dispute is closed undecided.
 * @returns when to look again, unix ms
 */
export async function seatDispute(container: Container, job: JobRecord): Promise<number> {
  const { chain, clock, store } = container
  const { jobId, order } = job
  const [onchain, { timestamp }] = await Promise.all([chain.job(jobId), chain.head()])
  if (onchain.status === 'paid' || onchain.status === 'refunded') {
    return closeFromChain(container, job, onchain)
  }
  // the chain may undo a dispute that it showed, and show it again
  if (onchain.status !== 'disputed') return clock.nowMs() + RETRY_MS
  if (timestamp > seatBy(order, rounds.dispute, onchain.at)) {
    await chain.send({ kind: 'expireJob', order }, (hash) =>
      store.addTransaction(jobId, 'expireJob', hash, clock.nowMs()),
    )
    return clock.nowMs()
  }
  const barred = new Map([[await chain.accusedOf(jobId), 'ACCUSED' as const]])
  const seated = await assignRound(container, job, rounds.dispute, barred)
  return clock.nowMs() + (seated ? 0 : RETRY_MS)
}
