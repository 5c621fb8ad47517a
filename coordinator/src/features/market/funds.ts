import { DuckMeshError, type Order } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import type { Funds, Kept, Refusal } from '../../ports/funds.ts'

/**
 * Keeps an order, of a job or of a proof, if its requester can pay it beside everything else that it has signed and that
 * is open here. Nothing is locked on chain yet; the store counts and keeps in one step, so that of two orders over one
 * balance one is refused, whichever process they come to.
 * @param keep the step: puts the order into the store unless the funds do not cover it
 * @returns whether the order is new
 * @throws DuckMeshError `NONCE_USED`, `INSUFFICIENT_FUNDS`, `TOO_MANY_TASKS`, `TASK_QUEUE_FULL`
 */
export async function keepFunded(
  { chain, clock }: Container,
  order: Order,
  keep: (funds: Funds) => Promise<Kept>,
): Promise<boolean> {
  const { requester, nonce } = order
  if (await chain.nonceUsed(requester, nonce)) throw refusalError(order, 0n, { refused: 'nonce' })
  const askedAtMs = clock.nowMs()
  const freeWei = await chain.freeWei(requester)
  const kept = await keep({ freeWei, askedAtMs })
  if (typeof kept === 'object') throw refusalError(order, freeWei, kept)
  return kept === 'created'
}

function refusalError({ requester, nonce }: Order, freeWei: bigint, refusal: Refusal): DuckMeshError {
  switch (refusal.refused) {
    case 'nonce':
      return new DuckMeshError('NONCE_USED', `Nonce ${nonce} of ${requester} was used before.`, {
        nonce: String(nonce),
      })
    case 'funds':
      return new DuckMeshError('INSUFFICIENT_FUNDS', 'The free balance does not cover this order.', {
        freeWei: String(freeWei),
        neededWei: String(refusal.neededWei),
      })
    case 'tasks': {
      const { limit } = refusal
      return new DuckMeshError('TOO_MANY_TASKS', `${requester} has ${limit} open proof tasks.`, { limit })
    }
    case 'queue':
      return new DuckMeshError('TASK_QUEUE_FULL', 'The queue of proof tasks is full.')
  }
}
