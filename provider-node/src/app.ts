import { nodeRoutes } from '@duckmesh/protocol'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { bodyBudget } from './http/bodyBudget.ts'
import { identifyCaller } from './http/caller.ts'
import { channelBooks } from './http/channelBooks.ts'
import { errorMapper, unknownRoute } from './http/errors.ts'
import { health } from './http/health.ts'
import { jobResult } from './http/jobResult.ts'
import { openStream } from './http/openStream.ts'
import { payStream } from './http/payStream.ts'
import { rateLimit } from './http/rateLimit.ts'
import { readJson } from './http/readJson.ts'
import { submitDirect } from './http/submitDirect.ts'
import type { LoopContext } from './loop/context.ts'
import type { Row } from './ports/journal.ts'
import { payersOnly, replayRoute } from './reference/replayRoute.ts'
import type { Streaming } from './streaming/createStreaming.ts'

/**
 * The HTTP face of a node; listens nowhere by itself.
 * @param start begins the work on a directed job that was journalled
 * @param streaming the streaming lane, when it is served
 */
export function createApp(
  context: LoopContext,
  start: (row: Row) => void,
  streaming: Streaming | undefined,
): Express {
  const { submitJob, jobResult: result, health: up } = nodeRoutes
  const app = express()
  app.disable('etag')
  app.use(helmet())
  const parseBody = express.json({ limit: submitJob.bodyLimitBytes })
  app.post(submitJob.path, rateLimit(submitJob), parseBody, submitDirect(context, start))
  app.get(result.path, rateLimit(result), jobResult(context))
  app.get(up.path, rateLimit(up), health(context, streaming))
  if (streaming) {
    serveStreams(app, streaming)
    serveReplays(app, context, streaming)
  }
  app.use(unknownRoute)
  app.use(errorMapper(context.logger))
  return app
}

/** Who calls is known before a body is read: a stranger cannot make the node parse megabytes. */
function serveStreams(app: Express, streaming: Streaming): void {
  const { channel, openStream: open, payStream: pay } = nodeRoutes
  const caller = identifyCaller(streaming)
  app.post(
    open.path,
    rateLimit(open),
    caller,
    bodyBudget(),
    readJson(open.bodyLimitBytes),
    openStream(streaming),
  )
  app.post(pay.path, rateLimit(pay), caller, readJson(pay.bodyLimitBytes), payStream(streaming))
  app.get(channel.path, rateLimit(channel), caller, channelBooks(streaming))
}

/** Answers of other nodes are checked for those who pay this one. */
function serveReplays(app: Express, context: LoopContext, streaming: Streaming): void {
  const { replay } = nodeRoutes
  const { chain, clock, executors, providerId, signer } = context
  const replayers = executors.flatMap(({ replayer }) => replayer ?? [])
  app.post(
    replay.path,
    rateLimit(replay),
    identifyCaller(streaming),
    payersOnly((account) => streaming.isPayer(account)),
    bodyBudget(),
    readJson(replay.bodyLimitBytes),
    replayRoute({ domain: chain.domain, providerId, signer, clock, replayers }),
  )
}
