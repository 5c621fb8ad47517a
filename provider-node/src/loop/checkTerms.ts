import {
  DuckMeshError,
  formatDuck,
  hashCanonical,
  type InferenceRequest,
  jobKinds,
  type Order,
  rounds,
  seatShareWei,
} from '@duckmesh/protocol'
import type { Container } from '../container.ts'
import type { Executor } from '../executors/executor.ts'

/**
 * Checks what an order asks for against what this node offers, whichever lane it comes by.
 * @param round round of seats; 0 in the on-chain lane
 * @returns the executor that serves it
 * @throws DuckMeshError `ORDER_OUT_OF_BOUNDS`, `INPUT_MISMATCH` or `UNKNOWN_MODEL`
 */
export function checkTerms(
  { config, executors, prices }: Pick<Container, 'config' | 'executors' | 'prices'>,
  order: Order,
  request: InferenceRequest,
  round: number,
): Executor {
  if (order.kind !== jobKinds.inference) throw outOfBounds('kind', order.kind, jobKinds.inference)
  if (order.execWindow < config.MIN_EXEC_WINDOW_SECONDS) {
    throw outOfBounds('execWindow', order.execWindow, config.MIN_EXEC_WINDOW_SECONDS)
  }
  const seatPriceWei = seatShareWei(order, round)
  const leastWei = prices.leastSeatWei
  if (seatPriceWei < leastWei) {
    const details = {
      field: round === rounds.dispute ? 'bondWei' : 'priceWei',
      seatPriceWei: `${seatPriceWei}`,
      leastWei: `${leastWei}`,
    }
    const message = `A seat pays ${formatDuck(seatPriceWei)} DUCK, less than this node asks.`
    throw new DuckMeshError('ORDER_OUT_OF_BOUNDS', message, details)
  }
  const inputHash = hashCanonical(request)
  if (order.inputHash !== inputHash) {
    const details = { have: inputHash, want: order.inputHash }
    throw new DuckMeshError('INPUT_MISMATCH', 'The request is not the one that was ordered.', details)
  }
  const executor = executors.find(
    ({ profile, streamsOnly }) => !streamsOnly && hashCanonical(profile) === order.policy,
  )
  if (!executor || order.modelId !== `0x${executor.profile.model}`) {
    const details = { policy: order.policy, modelId: order.modelId }
    throw new DuckMeshError('UNKNOWN_MODEL', 'This node does not serve that execution profile.', details)
  }
  return executor
}

/** An order whose `field` is less than the least this node takes, or not the one value that it serves. */
export const outOfBounds = (field: string, have: number, want: number): DuckMeshError =>
  new DuckMeshError('ORDER_OUT_OF_BOUNDS', `This node does not take ${field} ${have}.`, { field, have, want })
