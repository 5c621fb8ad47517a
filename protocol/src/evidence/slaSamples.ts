import { z } from 'zod'
import { bytes32Schema, uint32Schema } from '../schemas/primitives.ts'
import type { SlaFigures } from './slaTier.ts'

/** Time of an answer that never came, milliseconds: slower than any. */
export const slaNeverMs = 2 ** 32 - 1

/** Most looks and most answers of one window. */
export const mostSlaSamples = 2_048

/** What an observer saw of one provider in one window; the figures follow from it. */
export const slaSamplesSchema = z.strictObject({
  /** One digit a look, oldest first: `1` when the provider had been heard of in time, else `0`. */
  looks: z
    .string()
    .regex(/^[01]*$/)
    .max(mostSlaSamples),
  /** Time from assignment to commitment of each seat; null for one that was taken away unanswered. */
  answers: z
    .array(z.strictObject({ jobId: bytes32Schema, latencyMs: uint32Schema.nullable() }))
    .max(mostSlaSamples),
})
export type SlaSamples = z.output<typeof slaSamplesSchema>

/**
 * Figures of samples, integers only, so that everybody gets the same.
 * @param samples of one window, or of several together
 * @example measureSla([{ looks: '1101', answers: [] }]).uptimePpm // 750000
 */
export function measureSla(samples: readonly SlaSamples[]): SlaFigures {
  const looks = samples.map((window) => window.looks).join('')
  const answers = samples.flatMap((window) => window.answers)
  const timesMs = answers.map(({ latencyMs }) => latencyMs ?? slaNeverMs).sort((a, b) => a - b)
  const online = looks.replaceAll('0', '').length
  const errors = answers.filter(({ latencyMs }) => latencyMs === null).length
  return {
    looks: looks.length,
    uptimePpm: looks.length === 0 ? 0 : Math.floor((online * 1_000_000) / looks.length),
    answers: answers.length - errors,
    errors,
    p50Ms: nearestRank(timesMs, 50),
    p95Ms: nearestRank(timesMs, 95),
    p99Ms: nearestRank(timesMs, 99),
  }
}

/** Smallest value that at least `percent` of all do not exceed. */
const nearestRank = (sorted: readonly number[], percent: number): number =>
  sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0
