import {
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
import type { AttemptRecord, ProverRow, SkippedProver, TaskRecord } from '../../ports/taskStore.ts'

/** What an auction looks at besides the task; read once for all tasks of one look. */
export type ProverSight = {
  provers: ProverRow[]
  onchain: Map<number, ChainProvider>
  active: Map<number, number>
  reputations: Map<number, number>
  oldestSeenMs: number
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
    chainNow: head.timestamp,
  }
}

/** Who gets the task, and why the others do not. */
export type AuctionOutcome = {
  winner: (ProverBid & { scoreBps: number }) | undefined
  skipped: SkippedProver[]
}

/**
 * Finds the prover of a task: of those that may take it the one with the best score. Who let it time out gets it again
 * only when nobody else is left.
 */
export function holdAuction(
  task: TaskRecord,
  attempts: AttemptRecord[],
  sight: ProverSight,
  priceBps: number,
): AuctionOutcome {
  const skipped: SkippedProver[] = []
  const skip = (proverId: number, reason: ProverSkip) =>
    void skipped.push({ proverId, reason, fix: proverSkips[reason] })
  const bids: ProverBid[] = []
  for (const prover of sight.provers) {
    const { proverId } = prover
    const offer = offerOf(prover, task)
    const reason = skipOf(task, attempts, prover, sight)
    if (reason || !offer) skip(proverId, reason ?? 'OTHER_CIRCUIT')
    else
      bids.push({ proverId, priceWei: offer.priceWei, reputationBps: sight.reputations.get(proverId) ?? 0 })
  }
  const tried = new Set(
    attempts.filter(({ outcome }) => outcome === 'timeout').map(({ proverId }) => proverId),
  )
  const untried = bids.filter(({ proverId }) => !tried.has(proverId))
  const ranked = rankBids(untried.length > 0 ? untried : bids, { priceBps, reputationBps: 10_000 - priceBps })
  const [winner] = ranked
  for (const { proverId } of bids) {
    if (proverId !== winner?.proverId) skip(proverId, tried.has(proverId) ? 'TRIED_BEFORE' : 'OUTBID')
  }
  return { winner, skipped }
}

const offerOf = ({ circuits }: ProverRow, { circuit, order }: TaskRecord) =>
  circuits.find(({ name, modelId }) => name === circuit && modelId === order.modelId)

function skipOf(
  task: TaskRecord,
  attempts: AttemptRecord[],
  prover: ProverRow,
  { onchain, active, oldestSeenMs }: ProverSight,
): ProverSkip | undefined {
  const { proverId } = prover
  const offer = offerOf(prover, task)
  const isBarred = attempts.some(
    (turn) => turn.proverId === proverId && (turn.outcome === 'declined' || turn.outcome === 'false-proof'),
  )
  if (prover.lastSeenAtMs < oldestSeenMs) return 'OFFLINE'
  if (!offer) return 'OTHER_CIRCUIT'
  const provider = onchain.get(proverId)
  if (!provider?.isActive) return 'INACTIVE'
  if (!isAddressEqual(provider.signingKey, prover.signingKey)) return 'OTHER_KEY'
  if (!prover.levels.includes(task.privacyLevel)) return 'OTHER_LEVEL'
  if (task.privacyLevel !== privacyLevels.open && !prover.sealKey) return 'OTHER_LEVEL'
  if (task.needsGpu && !prover.hasGpu) return 'NO_GPU'
  if (offer.priceWei > task.order.priceWei) return 'PRICE_TOO_LOW'
  if (isBarred) return 'TRIED_BEFORE'
  if ((active.get(proverId) ?? 0) >= prover.capacity) return 'AT_CAPACITY'
  return undefined
}
