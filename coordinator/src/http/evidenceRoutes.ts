import {
  bytes32Schema,
  evidenceBodySchema,
  providerIdSchema,
  coordinatorRoutes as routes,
} from '@duckmesh/protocol'
import type { Router } from 'express'
import { z } from 'zod'
import type { Container } from '../container.ts'
import { takeEvidence } from '../features/evidence/take.ts'
import { batchFile, evidenceOfJob, listBatches, slaOfProvider } from '../features/evidence/view.ts'
import { mount } from './mount.ts'

const jobPathSchema = z.object({ jobId: bytes32Schema })
const batchPathSchema = z.object({
  sequence: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
})
const providerPathSchema = z.object({ providerId: z.coerce.number().pipe(providerIdSchema) })

/** Puts the routes of evidence on the app. */
export function mountEvidence(app: Router, container: Container): void {
  mount(app, container, routes.submitEvidence, ({ body }) =>
    takeEvidence(container, evidenceBodySchema.parse(body)),
  )
  // before the route of a job, whose path would take the word for an id
  mount(app, container, routes.evidenceBatches, () => listBatches(container))
  mount(app, container, routes.evidenceBatch, ({ parameters }) =>
    batchFile(container, batchPathSchema.parse(parameters).sequence),
  )
  mount(app, container, routes.evidence, ({ parameters }) =>
    evidenceOfJob(container, jobPathSchema.parse(parameters).jobId),
  )
  mount(app, container, routes.providerSla, ({ parameters }) =>
    slaOfProvider(container, providerPathSchema.parse(parameters).providerId),
  )
}
