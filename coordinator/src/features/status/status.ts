import { type CoordinatorInfo, DuckMeshError, type JobEventType } from '@duckmesh/protocol'
import type { Container } from '../../container.ts'
import { nowSeconds } from '../../ports/clock.ts'

/** Version of the coordinator's API. */
const VERSION = '0.1.0'

/** Stages of a job by the events that begin and end them. A job that is paid at once has no anchor. */
const STAGES: Record<string, [JobEventType, JobEventType]> = {
  assign: ['received', 'assigned'],
  run: ['assigned', 'committed'],
  reveal: ['committed', 'revealed'],
  anchor: ['committed', 'anchored'],
  settle: ['anchored', 'settled'],
  finality: ['committed', 'settled'],
  whole: ['received', 'settled'],
}

/** Address, key, chain and terms. */
export const coordinatorInfo = ({ signer, chain, terms, clock }: Container): CoordinatorInfo => ({
  address: signer.address,
  publicKey: signer.publicKey,
  chainId: chain.chainId,
  mesh: chain.mesh,
  ...terms,
  modes: ['redundant'],
  nowSeconds: nowSeconds(clock),
  version: VERSION,
})

/**
 * Whether the coordinator can do its work: store and chain answer.
 * @throws DuckMeshError `STORE_UNAVAILABLE` or `CHAIN_UNAVAILABLE`
 */
export async function readiness({ store, chain }: Container): Promise<{ status: 'ready'; block: string }> {
  const [{ number }] = await Promise.all([
    chain.head(),
    store.ping().catch((cause) => {
      throw new DuckMeshError('STORE_UNAVAILABLE', 'The database does not answer.', {}, { cause })
    }),
  ])
  return { status: 'ready', block: number.toString() }
}

/** Counts of jobs by state, nodes online, and how long the stages of the latest jobs took. */
export async function statistics({ store, clock, config }: Container) {
  const [jobs, nodes, events] = await Promise.all([
    store.countByState(),
    store.nodes(),
    store.recentEvents(200),
  ])
  const online = nodes.filter((node) => node.lastSeenAtMs >= clock.nowMs() - config.NODE_TIMEOUT_MS)
  const byJob = Map.groupBy(events, (event) => event.jobId)
  const stagesMs: Record<string, { p50: number; p95: number; count: number }> = {}
  for (const [stage, [from, to]] of Object.entries(STAGES)) {
    const times = [...byJob.values()].flatMap((list) => {
      const start = list.findLast((event) => event.type === from)
      const end = list.findLast((event) => event.type === to)
      return start && end && end.atMs >= start.atMs ? [end.atMs - start.atMs] : []
    })
    if (times.length > 0) stagesMs[stage] = { ...percentiles(times), count: times.length }
  }
  return { jobs, nodes: { known: nodes.length, online: online.length }, stagesMs }
}

function percentiles(times: number[]): { p50: number; p95: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
  return { p50: at(0.5), p95: at(0.95) }
}
