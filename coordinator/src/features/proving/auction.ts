import {
  errorCodes,
  isDeclinedForGood,
  type ProverBid,
  type ProverSkip,
  privacyLevels,
  proverSkips,
  rankBids,
  reputationBps,
} from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { Container } from '../../container.ts'
import type { ChainProvider } from '../../ports/chain.ts'
import type { AttemptRecord, ProverRow, QueuedTask, SkippedProver } from '../../ports/taskStore.ts'

/** How long a prover that could not take a task is not asked about it again, ms. */
const NOT_NOW_MS = 5_000

/** What an auction must know of a task. */
type AuctionedTask = Pick<QueuedTask, 'order' | 'circuit' | 'privacyLevel' | 'needsGpu'>

/** What an auction looks at besides the task; read once for all tasks of one look. */
export type ProverSight = {
  provers: ProverRow[]
  onchain: Map<number, ChainProvider>
  active: Map<number, number>
  reputations: Map<number, number>
  oldestSeenMs: number
  nowMs: number
  /** Unix second that a transaction sent now would see: what deadlines on chain count by. */
  chainNow: number
}

/** Reads who is there, how loaded, and how good. */
export async function lookAtProvers({ chain, store, clock, config }: Container): Promise<ProverSight> {
  const [provers, providers, active, records, head] = await Promise.all([
    store.provers(),
    chain.providers(),
    store.activeTasks(),
    store.proverRecords(),
    chain.head(),
  ])
  const fresh = { proofs: 0, failures: 0, qualitySumBps: 0, elapsedSumMs: 0 }
  const reputations = provers.map(({ proverId }): [number, number] => [
    proverId,
    reputationBps(records.get(proverId) ?? fresh, config.PROOF_TARGET_MS),
  ])
  return {
    provers,
    onchain: new Map(providers.map((provider) => [provider.providerId, provider])),
    active,
    reputations: new Map(reputations),
    oldestSeenMs: clock.nowMs() - config.NODE_TIMEOUT_MS,
    nowMs: clock.nowMs(),
    chainNow: head.timestamp,
  }
}

/** Who gets the task, and why the others do not. */
export type AuctionOutcome = {
  winner: (ProverBid & { scoreBps: number }) | undefined
  skipped: SkippedProver[]
}

/**
 * Finds the prover of a task: of those that may take it the one with the best score. Who let it time out,
 * or could not take it a moment ago, gets it again only when nobody else is left; who declined it for good never.
 */
export function holdAuction(
  task: AuctionedTask,
  attempts: AttemptRecord[],
  sight: ProverSight,
  priceBps: number,
): AuctionOutcome {
  const skipped: SkippedProver[] = []
  const skip = (proverId: number, reason: ProverSkip, fix: string = proverSkips[reason]) =>
    void skipped.push({ proverId, reason, fix })
  const bids: ProverBid[] = []
  for (const prover of sight.provers) {
    const { proverId } = prover
    const offer = offerOf(prover, task)
    const reason = skipOf(task, attempts, prover, sight)
    if (!offer) skip(proverId, 'OTHER_CIRCUIT')
    else if (reason === 'DECLINED') skip(proverId, reason, hintOf(lastDecline(attempts, proverId)))
    else if (reason) skip(proverId, reason)
    else
      bids.push({ proverId, priceWei: offer.priceWei, reputationBps: sight.reputations.get(proverId) ?? 0 })
  }
  const tried = new Set(
    attempts
      .filter(({ outcome }) => outcome === 'timeout' || outcome === 'declined')
      .map(({ proverId }) => proverId),
  )
  const untried = bids.filter(({ proverId }) => !tried.has(proverId))
  const ranked = rankBids(untried.length > 0 ? untried : bids, { priceBps, reputationBps: 10_000 - priceBps })
  const [winner] = ranked
  for (const { proverId } of bids) {
    if (proverId !== winner?.proverId) skip(proverId, tried.has(proverId) ? 'TRIED_BEFORE' : 'OUTBID')
  }
  return { winner, skipped }
}

const offerOf = ({ circuits }: ProverRow, { circuit, order }: AuctionedTask) =>
  circuits.find(({ name, modelId }) => name === circuit && modelId === order.modelId)

function skipOf(
  task: AuctionedTask,
  attempts: AttemptRecord[],
  prover: ProverRow,
  { onchain, active, oldestSeenMs, nowMs }: ProverSight,
): ProverSkip | undefined {
  const { proverId } = prover
  // what only another offer mends comes first, whether the prover is there or not
  const offer = offerOf(prover, task)
  if (!offer) return 'OTHER_CIRCUIT'
  if (!prover.levels.includes(task.privacyLevel)) return 'OTHER_LEVEL'
  if (task.privacyLevel !== privacyLevels.open && !prover.sealKey) return 'OTHER_LEVEL'
  if (task.needsGpu && !prover.hasGpu) return 'NO_GPU'
  if (offer.priceWei > task.order.priceWei) return 'PRICE_TOO_LOW'
  if (prover.lastSeenAtMs < oldestSeenMs) return 'OFFLINE'
  const provider = onchain.get(proverId)
  if (!provider?.isActive) return 'INACTIVE'
  if (!isAddressEqual(provider.signingKey, prover.signingKey)) return 'OTHER_KEY'
  if (attempts.some((turn) => turn.proverId === proverId && turn.outcome === 'false-proof'))
    return 'TRIED_BEFORE'
  const decline = lastDecline(attempts, proverId)
  if (decline && isForGood(decline)) return 'DECLINED'
  if ((active.get(proverId) ?? 0) >= prover.capacity) return 'AT_CAPACITY'
  if (decline && (decline.endedAtMs ?? 0) + NOT_NOW_MS > nowMs) return 'NOT_NOW'
  return undefined
}

const offerReasons: ReadonlySet<ProverSkip> = new Set([
  'OTHER_CIRCUIT',
  'OTHER_LEVEL',
  'NO_GPU',
  'PRICE_TOO_LOW',
])

/** Whether a prover was passed over for what it offers, and not for how it is at the moment. */
export const isOfOffer = (reason: ProverSkip): boolean => offerReasons.has(reason)

/** Whether any prover has a slot left; without one no task can be placed. */
export const hasFreeSlot = ({ provers, active, oldestSeenMs }: ProverSight): boolean =>
  provers.some(
    ({ proverId, capacity, lastSeenAtMs }) =>
      lastSeenAtMs >= oldestSeenMs && (active.get(proverId) ?? 0) < capacity,
  )

const lastDecline = (attempts: AttemptRecord[], proverId: number): AttemptRecord | undefined =>
  attempts.findLast((turn) => turn.proverId === proverId && turn.outcome === 'declined')

/** Whether a turn ended with a refusal that waiting does not mend; one without a reason counts as such. */
export const isForGood = ({ outcome, code }: AttemptRecord): boolean =>
  outcome === 'declined' && (code === null || isDeclinedForGood(code))

const hintOf = (turn: AttemptRecord | undefined): string =>
  turn?.code ? errorCodes[turn.code].hint : proverSkips.DECLINED
