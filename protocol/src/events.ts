import { z } from 'zod'

/** Kinds of events in the life of a job, in the usual order. */
export const jobEventTypes = [
  'received',
  'disputed',
  'assigned',
  'excused',
  'progress',
  'committed',
  'revealed',
  'anchored',
  'opened',
  'reseating',
  'settled',
  'refunded',
  'expired',
  'delayed',
] as const
export type JobEventType = (typeof jobEventTypes)[number]

/**
 * One event of `GET /v1/jobs/:jobId/events` (server-sent events; `id` is `seq`, so `Last-Event-ID` resumes).
 * `data` holds plain JSON facts; amounts are decimal strings.
 */
export const jobEventSchema = z.object({
  seq: z.int().min(1),
  type: z.enum(jobEventTypes),
  atMs: z.int(),
  data: z.record(z.string(), z.unknown()),
})
export type JobEvent = z.output<typeof jobEventSchema>
