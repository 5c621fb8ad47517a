import { rounds, transition } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import type { JobRecord } from '../../ports/store.ts'
import { closeFromChain } from './settle.ts'

/**
 * Takes a job to where the chain shows it: others, or this process before a crash, may have anchored it, paid its seats
 * or closed it.
 * @returns when to look again, unix ms; undefined when the round still waits for its seats
 */
export async function followChain(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number | undefined> {
  if (onchain.status === 'anchored' && onchain.round === job.round) return markAnchored(container, job)
  if (onchain.status === 'paid' || onchain.status === 'refunded')
    return closeFromChain(container, job, onchain)
  if (onchain.status === 'none' && (await isSettled(container, job)))
    return closeFromChain(container, job, { ...onchain, status: 'paid' })
  return undefined
}

/** Whether the seats were paid at once. The contract keeps no word for such a job: its nonce and an event say so. */
async function isSettled(
  { chain }: Container,
  { jobId, order, round, fromBlock }: JobRecord,
): Promise<boolean> {
  if (round !== rounds.first || !(await chain.nonceUsed(order.requester, order.nonce))) return false
  return (await chain.outcome(jobId, new Map(), fromBlock)) !== undefined
}

async function markAnchored(container: Container, job: JobRecord): Promise<number> {
  const { store, clock, observe, wakes } = container
  const seats = (await store.seats(job.jobId)).filter((seat) => seat.round === job.round)
  await store.applyStep(
    {
      jobId: job.jobId,
      from: { state: job.state, round: job.round },
      to: { state: transition(job.state, 'anchor'), round: job.round },
      wakesSeats: true,
      events: [{ type: 'anchored', data: { round: job.round } }],
    },
    clock.nowMs(),
  )
  observe('anchored', { jobId: job.jobId })
  for (const seat of seats) wakes.ring(`node:${seat.providerId}`)
  return clock.nowMs()
}
