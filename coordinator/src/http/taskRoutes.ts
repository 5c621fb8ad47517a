import {
  assignQuerySchema,
  bytes32Schema,
  proofResultBodySchema,
  proverHeartbeatSchema,
  proverSchema,
  providerIdSchema,
  coordinatorRoutes as routes,
  taskBodySchema,
  taskDeclineBodySchema,
  taskInputBodySchema,
} from '@duckmesh/protocol'
import type { Router } from 'express'
import { z } from 'zod'
import type { Container } from '../container.ts'
import { identifyNode } from '../features/nodes/nodes.ts'
import { admitTask } from '../features/proving/admit.ts'
import { takeDecline, takeInput, takeProof } from '../features/proving/deliver.ts'
import { checkProver, heartbeat, listProvers, nextTask, registerProver } from '../features/proving/provers.ts'
import { taskResult, taskStatus } from '../features/proving/view.ts'
import { type Call, mount } from './mount.ts'

const pathSchema = z.object({ taskId: bytes32Schema })
const proverPathSchema = z.object({ proverId: z.coerce.number().pipe(providerIdSchema) })

/** Puts the routes of the proof market on the app. */
export function mountTasks(app: Router, container: Container): void {
  const taskIdOf = ({ parameters }: Call) => pathSchema.parse(parameters).taskId
  const caller = ({ account }: Call) => identifyNode(container, account!)

  mount(app, container, routes.submitTask, async ({ body, response }) => {
    const admitted = await admitTask(container, taskBodySchema.parse(body))
    response.status(admitted.isNew ? 201 : 200)
    return admitted
  })
  mount(app, container, routes.taskInput, async (call) => {
    const taskId = taskIdOf(call)
    await takeInput(container, taskId, taskInputBodySchema.parse(call.body), call.account!)
    return { taskId }
  })
  mount(app, container, routes.taskStatus, (call) => taskStatus(container, taskIdOf(call)))
  mount(app, container, routes.taskResult, (call) => taskResult(container, taskIdOf(call)))
  mount(app, container, routes.assignTask, async (call) => {
    const { proverId } = proverPathSchema.parse(call.parameters)
    checkProver(proverId, await caller(call))
    const { waitMs } = assignQuerySchema.parse(call.query)
    return nextTask(container, proverId, waitMs, call.signal)
  })
  mount(app, container, routes.declineTask, async (call) => {
    await takeDecline(container, taskIdOf(call), taskDeclineBodySchema.parse(call.body), await caller(call))
    return { ok: true }
  })
  mount(app, container, routes.submitProof, async (call) =>
    takeProof(container, proofResultBodySchema.parse(call.body), await caller(call)),
  )
  mount(app, container, routes.provers, () => listProvers(container))
  mount(app, container, routes.registerProver, async (call) => {
    await registerProver(container, proverSchema.parse(call.body), await caller(call))
    return { ok: true }
  })
  mount(app, container, routes.proverHeartbeat, async (call) => {
    const { proverId } = proverHeartbeatSchema.parse(call.body)
    await heartbeat(container, proverId, await caller(call))
    return { ok: true }
  })
}
