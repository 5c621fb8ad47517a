import {
  DuckMeshError,
  hashCanonical,
  type JobId,
  jobIdOf,
  jobKinds,
  limits,
  longestLifeSeconds,
  type MeshDomain,
  type Order,
  rounds,
  type SubmitBody,
} from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'
import type { JobRecord, NewEvent } from '../../ports/store.ts'
import { findCandidates } from './eligibility.ts'
import { keepFunded } from './funds.ts'
import { bound, checkTerms } from './orderBounds.ts'

/**
 * Takes an order in, or refuses it with the reason. Nothing is stored or moved by a refusal. Sending the same order
 * again is harmless: it answers with the job that exists.
 * @param body order, signature and request, already in schema form
 * @returns the job id, and whether the job is new
 * @throws DuckMeshError see `errorCodes`, section "Orders"
 */
export async function admitOrder(
  container: Container,
  body: SubmitBody,
): Promise<{ jobId: JobId; isNew: boolean }> {
  const { chain, clock, domain, store, observe, wakes } = container
  const { order, request, signature } = body
  checkDomain(container, body.domain)
  const jobId = jobIdOf(domain, order)
  if (await store.job(jobId)) return { jobId, isNew: false }

  checkBounds(container, order)
  if (hashCanonical(request) !== order.inputHash) {
    throw new DuckMeshError('INPUT_MISMATCH', 'order.inputHash is not the hash of the request.')
  }
  if (!(await chain.isSignedBy(order.requester, jobId, signature))) {
    throw new DuckMeshError('BAD_SIGNATURE', `The order is not signed by ${order.requester}.`)
  }
  await checkModel(container, order, request.maxTokens)
  const { candidates, skipped } = await findCandidates(container, order, rounds.first)
  if (candidates.length < order.seats) {
    const message = `Only ${candidates.length} of the ${order.seats} seats can be filled.`
    throw new DuckMeshError('NO_PROVIDERS', message, {
      eligible: candidates.length,
      seats: order.seats,
      skipped,
    })
  }
  const { number: fromBlock } = await chain.head()
  const createdAtMs = clock.nowMs()
  const job: JobRecord = {
    jobId,
    state: 'received',
    round: 0,
    order,
    orderSignature: signature,
    request,
    createdAtMs,
    updatedAtMs: createdAtMs,
    fromBlock,
    outcome: null,
    skipped,
  }
  const { requester, priceWei, seats } = order
  const received: NewEvent = { type: 'received', data: { requester, priceWei, seats } }
  const isNew = await keepFunded(container, order, (funds) => store.createJob(job, received, funds))
  observe('received', { jobId })
  wakes.ring('due')
  return { jobId, isNew }
}

/**
 * Makes sure that an order is meant for the deployment that this coordinator serves.
 * @throws DuckMeshError `WRONG_CHAIN`
 */
export function checkDomain({ domain }: Container, { chainId, verifyingContract }: MeshDomain): void {
  if (chainId === domain.chainId && isAddressEqual(verifyingContract, domain.verifyingContract)) return
  const message = `The order is for chain ${chainId}, this is chain ${domain.chainId}.`
  const details = { chainId: domain.chainId, mesh: domain.verifyingContract }
  throw new DuckMeshError('WRONG_CHAIN', message, details)
}

function checkBounds(container: Container, order: Order): void {
  checkTerms(container, order, 'redundant')
  const { terms, clock } = container
  const now = nowSeconds(clock)
  const must = (holds: boolean, field: keyof Order, rule: string) => bound(order, holds, field, rule)
  const { minSeats, maxSeats } = limits
  must(order.kind === jobKinds.inference, 'kind', 'inference (0)')
  must(order.providerId === 0, 'providerId', '0: the seats are drawn')
  must(order.seats >= minSeats && order.seats <= maxSeats, 'seats', `${minSeats} to ${maxSeats}`)
  must(order.seats % 2 === 1, 'seats', 'odd')
  must(order.priceWei >= BigInt(order.seats), 'priceWei', 'at least 1 wei a seat')
  must(order.execWindow >= 2, 'execWindow', 'at least 2 seconds')
  must(
    longestLifeSeconds(order, now) <= terms.maxJobLifeSeconds,
    'acceptBy',
    `so near that the job ends within ${terms.maxJobLifeSeconds} s`,
  )
}

async function checkModel({ store }: Container, order: Order, maxTokens: number): Promise<void> {
  const offers = (await store.nodes()).flatMap((node) => node.offers)
  const offer = offers.find(({ profile }) => hashCanonical(profile) === order.policy)
  if (!offer || `0x${offer.profile.model}` !== order.modelId) {
    throw new DuckMeshError('UNKNOWN_MODEL', 'No node serves this model under this execution profile.', {
      modelId: order.modelId,
      policy: order.policy,
    })
  }
  const { contextTokens } = offer.profile
  if (maxTokens >= contextTokens) {
    const message = `maxTokens ${maxTokens} leaves no room for a prompt.`
    throw new DuckMeshError('PROMPT_TOO_LONG', message, { contextTokens })
  }
}
