import { type DuckMeshError, settleBy } from '@duckmesh/protocol'
import { concat, type Hex } from 'viem'
import type { Container } from '../../container.ts'
import type { ChainJob } from '../../ports/chain.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord, SeatRecord } from '../../ports/store.ts'
import { anchor, giveUp, seatedNow } from './anchor.ts'
import { followChain } from './follow.ts'

/**
 * Time before acceptBy that is kept for anchoring, seconds: more than the last call in which nodes go to the chain by
 * themselves.
 */
const ANCHOR_SECONDS = 10

/**
 * When reveals that are still missing are not waited for any longer, unix ms.
 * @param sinceMs when the seats were asked
 */
export const revealUntilMs = ({ config }: Container, { order }: JobRecord, sinceMs: number): number =>
  Math.min(sinceMs + config.REVEAL_TIMEOUT_MS, (order.acceptBy - ANCHOR_SECONDS) * 1_000)

/**
 * A committed job: pays the seats at once when all have revealed the same output. In every other case, be it a difference,
 * silence or a refusal of the contract, the same commitments are anchored, and the long way decides and slashes.
 * @returns when to look again, unix ms
 */
export async function advanceCommitted(
  container: Container,
  job: JobRecord,
  onchain: ChainJob,
): Promise<number> {
  const followed = await followChain(container, job, onchain)
  if (followed !== undefined) return followed
  const { clock } = container
  const { order } = job
  const seats = await seatedNow(container, job)
  const outputs = new Set(
    seats.flatMap(({ revealSignature, outputHash }) => (revealSignature ? [outputHash] : [])),
  )
  const [outputHash] = outputs
  const isComplete = seats.every((seat) => seat.revealSignature !== null)
  const isAgreed = isComplete && outputs.size === 1
  // a seat that went to the chain by itself has used the nonce: only the long way is left
  const isPayable = isAgreed && onchain.status === 'none'
  // whoever holds all reveals may bring them for longer than seats can be anchored
  const lastSecond = isPayable ? settleBy(order) : order.acceptBy
  if (nowSeconds(clock) > lastSecond) return giveUp(container, job, onchain, lastSecond)
  if (isPayable) return settleAtOnce(container, job, seats, outputHash!)
  if (isAgreed || onchain.status === 'committing') return anchor(container, job)
  const untilMs = revealUntilMs(container, job, job.updatedAtMs)
  const isHopeless = outputs.size > 1
  return isHopeless || clock.nowMs() >= untilMs ? anchor(container, job) : untilMs
}

async function settleAtOnce(
  container: Container,
  job: JobRecord,
  seats: SeatRecord[],
  outputHash: Hex,
): Promise<number> {
  const { store, chain, clock, logger, observe } = container
  const { jobId, order } = job
  const { assignment, signature } = (await store.seatings(jobId)).at(-1)!
  observe('settling', { jobId })
  try {
    await chain.send(
      {
        kind: 'settleSeats',
        order,
        orderSignature: job.orderSignature,
        assignment,
        assignmentSignature: signature,
        outputHash,
        salts: seats.map((seat) => seat.salt!),
        revealSignatures: concat(seats.map((seat) => seat.revealSignature!)),
      },
      async (hash) => {
        observe('settle-sent', { jobId })
        await store.addTransaction(jobId, 'settleSeats', hash, clock.nowMs())
      },
    )
  } catch (thrown) {
    const { code, details, message } = thrown as DuckMeshError
    if (code !== 'CHAIN_REVERTED') throw thrown
    logger.warn({ jobId, code, details, message }, 'settlement refused')
    // seats may be anchored with stake or keys that do not do here; what is paid already shows on chain
    const isOver = nowSeconds(clock) > order.acceptBy
    return isOver || (await chain.nonceUsed(order.requester, order.nonce))
      ? clock.nowMs() + 1_000
      : anchor(container, job)
  }
  return clock.nowMs() // the chain is read again before anything else is decided
}
