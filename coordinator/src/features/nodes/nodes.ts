import {
  type Announce,
  DuckMeshError,
  hashCanonical,
  type Models,
  type ProviderId,
  type Providers,
  type Work,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { Container } from '../../container.ts'
import type { SeatRecord } from '../../ports/store.ts'
import { seatedNow } from '../market/anchor.ts'
import type { Caller } from '../market/collect.ts'
import { DELIVERY_MS } from '../market/view.ts'

/**
 * Finds the provider behind a signing key, on chain.
 * @throws DuckMeshError `NOT_REGISTERED`
 */
export async function identifyNode({ chain }: Container, signingKey: Address): Promise<Caller> {
  const providerId = await chain.providerIdByKey(signingKey)
  if (providerId === 0) throw new DuckMeshError('NOT_REGISTERED', `No provider signs with ${signingKey}.`)
  return { providerId, signingKey }
}

/**
 * Notes what a node serves and that it is there.
 * @throws DuckMeshError `FORBIDDEN` when it speaks for another provider
 */
export async function announceNode(
  { store, clock }: Container,
  body: Announce,
  caller: Caller,
): Promise<void> {
  if (body.providerId !== caller.providerId) {
    throw new DuckMeshError('FORBIDDEN', `This key speaks for provider ${caller.providerId}.`)
  }
  await store.upsertNode({ ...body, lastSeenAtMs: clock.nowMs() })
}

/**
 * Work of a node that became due after a cursor; waits for some when there is none.
 * @param after cursor of the last answer, 0 for all
 * @param waitMs longest wait
 */
export async function nodeWork(
  container: Container,
  providerId: ProviderId,
  after: number,
  waitMs: number,
  signal: AbortSignal,
): Promise<Work> {
  const { store, wakes, clock } = container
  const deadlineMs = clock.nowMs() + waitMs
  for (;;) {
    const rung = wakes.wait(
      `node:${providerId}`,
      Math.min(1_000, Math.max(0, deadlineMs - clock.nowMs())),
      signal,
    )
    const found = await store.workOf(providerId, after, clock.nowMs() - DELIVERY_MS)
    const made = await Promise.all(found.map(({ seat }) => toItem(container, seat)))
    // the cursor never passes an item that cannot be handed out yet, as an anchor whose event is not to be seen
    const missing = made.indexOf(undefined)
    const items = (missing < 0 ? made : made.slice(0, missing)).filter((item) => item !== undefined)
    if (items.length > 0 || clock.nowMs() >= deadlineMs || signal.aborted) {
      return { items, cursor: found[items.length - 1]?.workSeq ?? after }
    }
    await rung
  }
}

async function toItem(
  container: Container,
  { jobId, stage }: SeatRecord,
): Promise<Work['items'][number] | undefined> {
  const { store, chain } = container
  const job = await store.job(jobId)
  const seating = (await store.seatings(jobId)).at(-1)
  if (!job || !seating) return undefined
  if (stage === 'assigned') {
    const { order, orderSignature, request } = job
    const { assignment, signature: assignmentSignature } = seating
    return { type: 'run', jobId, order, orderSignature, request, assignment, assignmentSignature }
  }
  const { round } = job
  if (job.state === 'committed' || job.state === 'settled') {
    const seated = await seatedNow(container, job)
    const { seats } = seating.assignment
    const commitments = seated.map((seat) => seat.commitment!)
    if (job.state === 'settled') return { type: 'open', jobId, round, seats, commitments }
    const signatures = seated.map((seat) => seat.commitSignature!)
    return { type: 'reveal', jobId, round, seats, commitments, signatures }
  }
  const anchored = await chain.anchoredSeats(jobId, round, job.fromBlock)
  return (
    anchored && {
      type: 'open',
      jobId,
      round,
      seats: anchored.ids,
      commitments: anchored.commitments,
    }
  )
}

/** What can be ordered now: execution profiles of the nodes online, with the least price of a seat. */
export async function listModels({ store, clock, config }: Container): Promise<Models> {
  const models = new Map<string, Models['models'][number]>()
  for (const node of await store.nodes()) {
    if (node.lastSeenAtMs < clock.nowMs() - config.NODE_TIMEOUT_MS) continue
    for (const { profile, minPriceWei } of node.offers) {
      const policy = hashCanonical(profile)
      const known = models.get(policy)
      models.set(policy, {
        policy,
        modelId: `0x${profile.model}`,
        profile,
        providers: (known?.providers ?? 0) + 1,
        minPriceWei: known && known.minPriceWei < minPriceWei ? known.minPriceWei : minPriceWei,
      })
    }
  }
  return { models: [...models.values()] }
}

/** All registered providers with what is known of their nodes. */
export async function listProviders({ store, chain, clock, config }: Container): Promise<Providers> {
  const [providers, nodes, active] = await Promise.all([
    chain.providers(),
    store.nodes(),
    store.activeSeats(),
  ])
  const nodeOf = new Map(nodes.map((node) => [node.providerId, node]))
  return {
    providers: providers.map((provider) => {
      const node = nodeOf.get(provider.providerId)
      return {
        ...provider,
        isOnline: node !== undefined && node.lastSeenAtMs >= clock.nowMs() - config.NODE_TIMEOUT_MS,
        lastSeenAtMs: node?.lastSeenAtMs ?? null,
        endpoint: node?.endpoint ?? null,
        policies: node?.offers.map((offer) => hashCanonical(offer.profile)) ?? [],
        capacity: node?.capacity ?? 0,
        activeJobs: active.get(provider.providerId) ?? 0,
        offers: node?.offers ?? [],
        sealKey: node?.sealKey ?? null,
      }
    }),
  }
}
