import type { JobEvent, JobEventType } from '@duckmesh/protocol'

/** Stages of a job: from the last event of one type to the last of another. */
const STAGES: Record<string, [JobEventType, JobEventType]> = {
  /** Order taken → seats drawn and signed. */
  assign: ['received', 'assigned'],
  /** Seats drawn → last commitment. */
  run: ['assigned', 'committed'],
  /** Last commitment → last hash shown. */
  reveal: ['committed', 'revealed'],
  /** Last commitment → all seats bound on chain, when they did not agree. */
  anchor: ['committed', 'anchored'],
  /** Bound → opened, paid and slashed on chain. */
  settle: ['anchored', 'settled'],
  /** The last seat's answer → final on chain. */
  finality: ['committed', 'settled'],
  /** Order taken → final. */
  whole: ['received', 'settled'],
}

/** Times of every stage of one job, ms. A stage that did not happen is left out. */
export function stageTimes(events: JobEvent[]): Record<string, number> {
  const times: Record<string, number> = {}
  for (const [stage, [from, to]] of Object.entries(STAGES)) {
    const start = events.findLast((event) => event.type === from)
    const end = events.findLast((event) => event.type === to)
    if (start && end) times[stage] = end.atMs - start.atMs
  }
  return times
}

/** Median and 95th percentile (nearest rank) of each stage over jobs, ms. */
export function percentiles(jobs: Record<string, number>[]): Record<string, { p50: number; p95: number }> {
  const result: Record<string, { p50: number; p95: number }> = {}
  for (const stage of Object.keys(STAGES)) {
    const sorted = jobs.flatMap((times) => times[stage] ?? []).sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
    const [p50, p95] = [at(0.5), at(0.95)]
    if (p50 !== undefined && p95 !== undefined) result[stage] = { p50, p95 }
  }
  return result
}
