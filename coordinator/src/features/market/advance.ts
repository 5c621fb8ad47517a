import { type JobId, rounds, seatBy, transition } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord } from '../../ports/store.ts'
import { assignRound } from './assign.ts'
import { advanceAssigned } from './assigned.ts'
import { advanceCommitted } from './committed.ts'
import { seatDispute } from './disputes.ts'
import { advanceAnchored, closeFromChain } from './settle.ts'

/** Steps that one call may take: a job passes at most a handful of states without waiting for others. */
const MAX_STEPS = 16

/**
 * Takes a job as far as it can go now. Decides from the store and the chain alone, so it may be called at any time,
 * by any process, as often as one likes: after a crash it simply goes on.
 * @returns when the job wants attention again, unix ms; undefined when it has ended
 */
export async function advance(container: Container, jobId: JobId): Promise<number | undefined> {
  const { store, clock, wakes } = container
  for (let step = 0; step < MAX_STEPS; step++) {
    const job = await store.job(jobId)
    if (!job) return undefined
    const before = `${job.state} ${job.round}`
    const nextMs = await advanceOnce(container, job)
    const after = await store.job(jobId)
    if (`${after?.state} ${after?.round}` !== before) wakes.ring(`job:${jobId}`)
    if (nextMs === undefined) return undefined
    if (nextMs > clock.nowMs()) return nextMs
  }
  return clock.nowMs() + 1_000
}

async function advanceOnce(container: Container, job: JobRecord): Promise<number | undefined> {
  switch (job.state) {
    case 'received':
      return seatFirstRound(container, job)
    case 'reseating':
      return seatAgain(container, job)
    case 'disputed':
      return seatDispute(container, job)
    case 'assigned':
      return advanceAssigned(container, job, await container.chain.job(job.jobId))
    case 'committed':
      return advanceCommitted(container, job, await container.chain.job(job.jobId))
    case 'anchored':
      return advanceAnchored(container, job, await container.chain.job(job.jobId))
    default:
      return undefined
  }
}

async function seatFirstRound(container: Container, job: JobRecord): Promise<number> {
  const { clock, store } = container
  if (nowSeconds(clock) > job.order.acceptBy) {
    await store.applyStep(
      {
        jobId: job.jobId,
        from: { state: job.state, round: job.round },
        to: { state: transition(job.state, 'expire'), round: job.round },
        events: [{ type: 'expired', data: { acceptBy: job.order.acceptBy, reason: 'NO_PROVIDERS' } }],
      },
      clock.nowMs(),
    )
    return clock.nowMs()
  }
  const seated = await assignRound(container, job, rounds.first, new Map())
  return clock.nowMs() + (seated ? 0 : 1_000)
}

async function seatAgain(container: Container, job: JobRecord): Promise<number> {
  const { chain, clock, store } = container
  const { jobId, order } = job
  const onchain = await chain.job(jobId)
  if (onchain.status === 'refunded') return closeFromChain(container, job, onchain)
  if (nowSeconds(clock) > seatBy(order, job.round + 1, onchain.at)) {
    await chain.send({ kind: 'expireJob', order }, (hash) =>
      store.addTransaction(jobId, 'expireJob', hash, clock.nowMs()),
    )
    return clock.nowMs()
  }
  const slashed = await chain.slashedIn(jobId, job.fromBlock)
  const barred = new Map(slashed.map((providerId) => [providerId, 'SLASHED_IN_JOB' as const]))
  const seated = await assignRound(container, job, job.round + 1, barred)
  return clock.nowMs() + (seated ? 0 : 1_000)
}
