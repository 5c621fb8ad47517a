import { bytes32Schema, DuckMeshError, submitBodySchema } from '@duckmesh/protocol'
import { parseJson } from '../../transport/requestJson.ts'
import type { PreparedJob } from './prepareJob.ts'

/** How an order of a run ended: not taken, taken and not answered, or answered. */
const attemptEnds = ['refused', 'failed', 'answered'] as const
export type AttemptEnd = (typeof attemptEnds)[number]

/** One order of a run. */
export type RunAttempt = {
  job: PreparedJob
  /** Orders of one generation share one nonce, so that at most one of them can ever be paid. */
  generation: number
  /** Null while it is not known. */
  end: AttemptEnd | null
  /** Code of the error that it ended with; null for an answer. */
  code: string | null
}

/** What is kept of a run: enough to go on after a crash at any point without ordering twice. */
export type RunRecord = { runId: string; attempts: RunAttempt[] }

/** Where runs are kept. What `save` was given must be durable when it resolves: an order is sent only then. */
export type RunStore = {
  load(runId: string): Promise<RunRecord | undefined>
  save(record: RunRecord): Promise<void>
}

/** A store in memory: right where a crash may lose the answer, see the warning of `runJob`. */
export function createMemoryRunStore(): RunStore {
  const records = new Map<string, RunRecord>()
  return {
    load: async (runId) => structuredClone(records.get(runId)),
    save: async (record) => void records.set(record.runId, structuredClone(record)),
  }
}

const jobSchema = submitBodySchema.extend({ jobId: bytes32Schema })

/**
 * Reads the JSON text of a record, written by `stringifyWire`.
 * @throws DuckMeshError `BAD_CONFIG` when it is none
 */
export function parseRunRecord(text: string): RunRecord {
  const value = parseJson(text) as { runId?: unknown; attempts?: unknown } | undefined
  if (typeof value?.runId !== 'string' || !Array.isArray(value.attempts)) throw malformed()
  return { runId: value.runId, attempts: value.attempts.map(parseAttempt) }
}

function parseAttempt(value: Partial<Record<keyof RunAttempt, unknown>> | null): RunAttempt {
  const job = jobSchema.safeParse(value?.job)
  const generation = value?.generation
  const end = attemptEnds.find((one) => one === value?.end) ?? null
  const code = typeof value?.code === 'string' ? value.code : null
  if (!job.success || typeof generation !== 'number') throw malformed()
  return { job: job.data, generation, end, code }
}

const malformed = (): DuckMeshError => new DuckMeshError('BAD_CONFIG', 'This is no record of a run.')
