import type { HostedGateway } from '@duckmesh/gateway/home'
import {
  announceSchema,
  bytes32Schema,
  commitmentBodySchema,
  declineBodySchema,
  disputeBodySchema,
  openingBodySchema,
  progressBodySchema,
  providerIdSchema,
  relayBodySchema,
  revealBodySchema,
  coordinatorRoutes as routes,
  streamVoucherBodySchema,
  submitBodySchema,
  workQuerySchema,
} from '@duckmesh/protocol'
import express, { type Express } from 'express'
import helmet from 'helmet'
import { z } from 'zod'
import type { Container } from './container.ts'
import { admitOrder } from './features/market/admission.ts'
import {
  takeCommitment,
  takeDecline,
  takeOpening,
  takeProgress,
  takeReveal,
} from './features/market/collect.ts'
import { admitDispute } from './features/market/disputes.ts'
import { jobResult, jobStatus } from './features/market/view.ts'
import { announceNode, identifyNode, listModels, listProviders, nodeWork } from './features/nodes/nodes.ts'
import { relayStream, relayVoucher } from './features/relay/relay.ts'
import { coordinatorInfo, readiness, statistics } from './features/status/status.ts'
import { errorMapper, notFound } from './http/errors.ts'
import { streamEvents } from './http/eventStream.ts'
import { mountEvidence } from './http/evidenceRoutes.ts'
import { type Call, mount } from './http/mount.ts'
import { mountGateway } from './http/mountGateway.ts'
import { relayCall, sendRelayed } from './http/relayed.ts'
import { mountTasks } from './http/taskRoutes.ts'

const pathSchema = z.object({ jobId: bytes32Schema })
const relayPathSchema = z.object({ providerId: z.coerce.number().pipe(providerIdSchema) })
const relayVoucherPathSchema = relayPathSchema.extend({ streamId: bytes32Schema })

/** How long browsers may keep the answer to a cross-origin preflight, seconds. */
const PREFLIGHT_SECONDS = '600'

/**
 * The coordinator's HTTP interface over a container, and over the gateway that it hosts, if any. It has no port: `bin/local.ts` listens, tests call it.
 */
export function createApp(container: Container, hosted?: HostedGateway): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', container.config.TRUST_PROXY_HOPS)
  app.use(helmet())
  app.use((request, response, next) => {
    // browsers may call from anywhere: nothing here is authorised by cookies
    response.setHeader('access-control-allow-origin', '*')
    const asked = request.headers['access-control-request-headers']
    response.setHeader('access-control-allow-headers', asked ?? 'authorization, content-type, last-event-id')
    response.setHeader('access-control-expose-headers', '*')
    response.setHeader('access-control-max-age', PREFLIGHT_SECONDS)
    if (request.method === 'OPTIONS') response.status(204).end()
    else next()
  })
  const jobIdOf = ({ parameters }: Call) => pathSchema.parse(parameters).jobId
  const node = ({ account }: Call) => identifyNode(container, account!)

  mount(app, container, routes.submitJob, async ({ body, response }) => {
    const admitted = await admitOrder(container, submitBodySchema.parse(body))
    response.status(admitted.isNew ? 201 : 200)
    return admitted
  })
  mount(app, container, routes.submitDispute, async ({ body, response }) => {
    const admitted = await admitDispute(container, disputeBodySchema.parse(body))
    response.status(admitted.isNew ? 201 : 200)
    return admitted
  })
  mount(app, container, routes.job, (call) => jobStatus(container, jobIdOf(call)))
  mount(app, container, routes.jobResult, (call) => jobResult(container, jobIdOf(call), call.account!))
  mount(app, container, routes.jobEvents, async (call) => {
    const lastSeen = Number(call.request.headers['last-event-id'] ?? 0)
    await streamEvents(container, jobIdOf(call), Number.isSafeInteger(lastSeen) ? lastSeen : 0, call)
  })
  mount(app, container, routes.models, () => listModels(container))
  mount(app, container, routes.providers, () => listProviders(container))
  mount(app, container, routes.coordinator, async () => coordinatorInfo(container))

  mount(app, container, routes.announce, async (call) => {
    await announceNode(container, announceSchema.parse(call.body), await node(call))
    return { ok: true }
  })
  mount(app, container, routes.work, async (call) => {
    const { after, waitMs } = workQuerySchema.parse(call.query)
    const { providerId } = await node(call)
    return nodeWork(container, providerId, after, waitMs, call.signal)
  })
  mount(app, container, routes.progress, async (call) => {
    await takeProgress(container, jobIdOf(call), progressBodySchema.parse(call.body), await node(call))
    return { ok: true }
  })
  mount(app, container, routes.commit, async (call) => {
    await takeCommitment(container, jobIdOf(call), commitmentBodySchema.parse(call.body), await node(call))
    return { ok: true }
  })
  mount(app, container, routes.reveal, async (call) => {
    await takeReveal(container, jobIdOf(call), revealBodySchema.parse(call.body), await node(call))
    return { ok: true }
  })
  mount(app, container, routes.open, async (call) => {
    await takeOpening(container, jobIdOf(call), openingBodySchema.parse(call.body), await node(call))
    return { ok: true }
  })
  mount(app, container, routes.decline, async (call) => {
    await takeDecline(container, jobIdOf(call), declineBodySchema.parse(call.body), await node(call))
    return { ok: true }
  })

  mount(app, container, routes.relayStream, async (call) => {
    const { providerId } = relayPathSchema.parse(call.parameters)
    const body = relayBodySchema.parse(call.body)
    await sendRelayed(await relayStream(container, providerId, body, relayCall(call)), call)
  })
  mount(app, container, routes.relayVoucher, async (call) => {
    const { providerId, streamId } = relayVoucherPathSchema.parse(call.parameters)
    const body = streamVoucherBodySchema.parse(call.body)
    await relayVoucher(container, providerId, streamId, body, relayCall(call))
    return { ok: true }
  })

  mountTasks(app, container)
  mountEvidence(app, container)

  mount(app, container, routes.health, async () => ({ status: 'ok' }))
  mount(app, container, routes.ready, () => readiness(container))
  mount(app, container, routes.stats, () => statistics(container))
  if (hosted) {
    mountGateway(app, container, hosted)
    app.use('/openai/v1', hosted.router)
  }
  app.use(notFound)
  app.use(errorMapper(container.logger))
  return app
}
