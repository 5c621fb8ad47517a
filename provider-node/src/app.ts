import { nodeRoutes } from '@duckmesh/protocol'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { errorMapper, unknownRoute } from './http/errors.ts'
import { health } from './http/health.ts'
import { jobResult } from './http/jobResult.ts'
import { rateLimit } from './http/rateLimit.ts'
import { submitDirect } from './http/submitDirect.ts'
import type { LoopContext } from './loop/context.ts'
import type { Row } from './ports/journal.ts'

/**
 * The HTTP face of a node; listens nowhere by itself.
 * @param start begins the work on a directed job that was journalled
 */
export function createApp(context: LoopContext, start: (row: Row) => void): Express {
  const { submitJob, jobResult: result, health: up } = nodeRoutes
  const app = express()
  app.disable('etag')
  app.use(helmet())
  const parseBody = express.json({ limit: submitJob.bodyLimitBytes })
  app.post(submitJob.path, rateLimit(submitJob), parseBody, submitDirect(context, start))
  app.get(result.path, rateLimit(result), jobResult(context))
  app.get(up.path, rateLimit(up), health(context))
  app.use(unknownRoute)
  app.use(errorMapper(context.logger))
  return app
}
