import {
  type AssignedTask,
  DuckMeshError,
  jobIdOf,
  jobKinds,
  proofSelectorOf,
  signalsHash,
  verificationModes,
} from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import { checkOrderSignature } from '../../loop/checkOrderSignature.ts'
import type { LoopContext } from '../../loop/context.ts'
import type { ServedCircuit } from './offer.ts'

/** Least time between taking a task and the last second of its payment, seconds. */
const LEAST_LEAD_SECONDS = 5

/**
 * Checks a task before any work: the coordinator is trusted with nothing, and what is not profitable is declined.
 * @returns what is proved
 * @throws DuckMeshError the reason to decline; `CHAIN_UNAVAILABLE` (retryable) when it cannot be checked now
 */
export async function checkTask(
  task: AssignedTask,
  circuits: ServedCircuit[],
  context: LoopContext,
): Promise<ServedCircuit> {
  const { chain } = context
  const { order, taskId, circuit, request } = task
  const refuse = (code: 'BAD_REQUEST' | 'ORDER_OUT_OF_BOUNDS' | 'UNSUPPORTED_MODE', message: string) =>
    new DuckMeshError(code, message, { taskId })
  if (taskId !== jobIdOf(chain.domain, order))
    throw refuse('BAD_REQUEST', 'The task id is not the digest of the order.')
  const pinned = context.coordinatorAddress()
  if (!pinned || !isAddressEqual(order.coordinator, pinned)) {
    const details = { have: order.coordinator, want: pinned }
    throw new DuckMeshError('WRONG_COORDINATOR', 'The order names another coordinator.', details)
  }
  if (order.kind !== jobKinds.proof || order.mode !== verificationModes.proof)
    throw refuse('UNSUPPORTED_MODE', 'The order is not one for a proof.')
  if (proofSelectorOf(order) === undefined)
    throw refuse('UNSUPPORTED_MODE', 'The verifier is not one of Groth16.')
  if (order.providerId !== 0 && order.providerId !== context.providerId)
    throw refuse('ORDER_OUT_OF_BOUNDS', 'The order is for another provider.')
  const served = circuits.find(({ name }) => name === circuit)
  if (served?.modelId !== order.modelId || served.selector !== proofSelectorOf(order))
    throw new DuckMeshError('UNKNOWN_CIRCUIT', 'The circuit is not served here.', { circuit })
  const { ownRequest } = served
  if (ownRequest.some((signal, index) => request.at(index - ownRequest.length) !== signal))
    throw new DuckMeshError('UNKNOWN_CIRCUIT', 'The order is about another hidden model.', { circuit })
  if (order.priceWei < served.priceWei)
    throw refuse('ORDER_OUT_OF_BOUNDS', 'The price is below the one of this prover.')
  if (signalsHash(request) !== order.inputHash)
    throw new DuckMeshError('INPUT_MISMATCH', 'order.inputHash is not the hash of the request signals.')
  await checkOrderSignature(chain, order, task.orderSignature)
  await checkPayable(task, context)
  return served
}

async function checkPayable({ order }: AssignedTask, { chain }: LoopContext): Promise<void> {
  const [head, freeWei, isUsed] = await Promise.all([
    chain.head(),
    chain.freeWei(order.requester),
    chain.nonceUsed(order.requester, order.nonce),
  ])
  const settleBy = order.acceptBy + order.execWindow
  if (head.nowSeconds + LEAST_LEAD_SECONDS > settleBy)
    throw new DuckMeshError('ORDER_EXPIRED', 'There is no time left to prove this.', {
      settleBy,
      now: head.nowSeconds,
    })
  if (isUsed)
    throw new DuckMeshError('NONCE_USED', 'The nonce of the order is used.', { nonce: `${order.nonce}` })
  if (freeWei < order.priceWei) {
    const details = { neededWei: `${order.priceWei}`, freeWei: `${freeWei}` }
    throw new DuckMeshError('INSUFFICIENT_FUNDS', 'The requester cannot pay the price.', details)
  }
}
