import {
  DuckMeshError,
  type JobId,
  jobIdOf,
  jobKinds,
  type Order,
  privacyLevels,
  proofSelectorOf,
  signalsHash,
  type TaskBody,
} from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { TaskRecord } from '../../ports/taskStore.ts'
import { checkDomain } from '../market/admission.ts'
import { keepFunded } from '../market/funds.ts'
import { bound, checkTerms } from '../market/orderBounds.ts'
import { holdAuction, isOfOffer, lookAtProvers } from './auction.ts'

/** Last unix second at which the proof of an order is paid. */
export const settleBy = (order: Order): number => order.acceptBy + order.execWindow

/**
 * Takes the order of a proof in, or refuses it with the reason. The price moves only with the proof; until then nothing is
 * locked, so the balance is checked here and once more by the prover. Sending it again answers with the task that exists.
 * @throws DuckMeshError section "Orders" of `errorCodes`, `UNKNOWN_CIRCUIT`, `BAD_REQUEST`, `TOO_MANY_TASKS`,
 * `TASK_QUEUE_FULL`
 */
export async function admitTask(
  container: Container,
  body: TaskBody,
): Promise<{ taskId: JobId; isNew: boolean }> {
  const { chain, clock, config, domain, store, wakes } = container
  const { order, signature } = body
  checkDomain(container, body.domain)
  const taskId = jobIdOf(domain, order)
  if (await store.task(taskId)) return { taskId, isNew: false }

  checkBounds(container, order)
  if (signalsHash(body.request) !== order.inputHash) {
    throw new DuckMeshError('INPUT_MISMATCH', 'order.inputHash is not the hash of the request signals.')
  }
  const isOpen = body.privacyLevel === privacyLevels.open
  if (isOpen !== (body.inputs !== undefined)) {
    const message = isOpen
      ? 'Open inputs are missing.'
      : 'Inputs of this level are sealed to the prover, later.'
    throw new DuckMeshError('BAD_REQUEST', message, { issues: ['inputs'] })
  }
  if (!(await chain.isSignedBy(order.requester, taskId, signature))) {
    throw new DuckMeshError('BAD_SIGNATURE', `The order is not signed by ${order.requester}.`)
  }
  await checkCircuit(container, body)
  const { number: fromBlock } = await chain.head()
  const nowMs = clock.nowMs()
  const task: TaskRecord = {
    taskId,
    state: 'pending',
    order,
    orderSignature: signature,
    circuit: body.circuit,
    request: body.request,
    privacyLevel: body.privacyLevel,
    priority: body.priority,
    needsGpu: body.needsGpu,
    inputs: body.inputs ?? null,
    sealed: null,
    proverId: null,
    attempt: 0,
    expiresAtMs: null,
    skipped: [],
    result: null,
    failure: null,
    fromBlock,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  }
  await checkTakers(container, task)
  const { PROOF_TASKS_PER_REQUESTER: mostOfRequester, PROOF_QUEUE: mostInAll } = config
  const isNew = await keepFunded(container, order, (funds) =>
    store.createTask(task, funds, { mostOfRequester, mostInAll }),
  )
  wakes.ring('tasks')
  return { taskId, isNew }
}

function checkBounds(container: Container, order: Order): void {
  checkTerms(container, order, 'proof')
  const { terms, clock } = container
  const now = nowSeconds(clock)
  const must = (holds: boolean, field: keyof Order, rule: string) => bound(order, holds, field, rule)
  const longest = terms.maxJobLifeSeconds
  must(order.kind === jobKinds.proof, 'kind', 'proof (2)')
  must(order.providerId === 0, 'providerId', '0: the prover is found by auction')
  must(order.seats === 1, 'seats', '1')
  must(proofSelectorOf(order) !== undefined, 'policy', 'one that names a verifier of Groth16')
  must(settleBy(order) - now <= longest, 'acceptBy', `so near that the task ends within ${longest} s`)
}

/** The key must be on chain and have room for the request, and a prover must offer the circuit under this key. */
async function checkCircuit(
  { chain, store }: Container,
  { circuit, order, request }: TaskBody,
): Promise<void> {
  const offers = (await store.provers()).flatMap(({ circuits }) => circuits)
  const isOffered = offers.some(({ name, modelId }) => name === circuit && modelId === order.modelId)
  const selector = proofSelectorOf(order)
  const key = isOffered && selector ? await chain.verifyingKey(selector, order.modelId) : undefined
  if (!key) {
    const circuits = [...new Map(offers.map(({ name, modelId }) => [modelId, { name, modelId }])).values()]
    const message = `No prover offers ${circuit} under the key of the order.`
    throw new DuckMeshError('UNKNOWN_CIRCUIT', message, { circuits })
  }
  // the key has a point for the constant, and the last signal is the context
  const most = key.IC.length - 2
  if (request.length > most) {
    throw new DuckMeshError('BAD_REQUEST', `The circuit has at most ${most} signals for a request.`, {
      issues: [`request: ${request.length} signals`],
    })
  }
}

/** A task that no registered prover could take as it is would only wait: its buyer is told at once what to change. */
async function checkTakers(container: Container, task: TaskRecord): Promise<void> {
  const { winner, skipped } = holdAuction(
    task,
    [],
    await lookAtProvers(container),
    container.config.PROOF_PRICE_BPS,
  )
  if (winner || skipped.some(({ reason }) => !isOfOffer(reason))) return
  throw new DuckMeshError('NO_PROVIDERS', 'No prover offers this for the price of the order.', { skipped })
}
