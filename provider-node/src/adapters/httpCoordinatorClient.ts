import {
  assignedTaskSchema,
  coordinatorInfoSchema,
  coordinatorRoutes,
  DuckMeshError,
  jobStatusSchema,
  limits,
  type MeshDomain,
  proofVerdictSchema,
  type Route,
  routePath,
  sessionHeader,
  sessionTypedData,
  stringifyWire,
  workSchema,
} from '@duckmesh/protocol'
import type { Address, LocalAccount } from 'viem'
import { z } from 'zod'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { CoordinatorClient } from '../ports/coordinatorClient.ts'
import { Reachability } from './reachability.ts'
import { readLimited } from './readLimited.ts'

const CALL_TIMEOUT_MS = 5_000
/** Life of the sessions that it signs, and how early the next one is signed. */
const SESSION_SECONDS = 600
const RENEW_SECONDS = 120
/** A coordinator may hand out several jobs at once. */
const ANSWER_LIMIT_BYTES = 64 * limits.maxBodyBytes

const wireErrorSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string().default(''),
    retryable: z.boolean().default(false),
    actor: z.string().default(''),
    details: z.record(z.string(), z.unknown()).default({}),
  }),
})

type Call = {
  route: Route
  parameters?: Record<string, string>
  query?: string
  body?: unknown
  timeoutMs?: number
  signal?: AbortSignal
}

/**
 * The coordinator over HTTP.
 * @param account signing key of the provider
 */
export function createHttpCoordinatorClient({
  url,
  domain,
  account,
  clock,
}: {
  url: string
  domain: MeshDomain
  account: LocalAccount
  clock: Clock
}): CoordinatorClient {
  const reachability = new Reachability(clock)
  let audience: Address | undefined
  let session: { header: string; expiresAt: number } | undefined

  const authorization = async (): Promise<string> => {
    if (!audience)
      throw new DuckMeshError('SERVICE_UNAVAILABLE', 'The coordinator has not said who it is.', { url })
    if (!session || session.expiresAt - RENEW_SECONDS < nowSeconds(clock)) {
      const expiresAt = nowSeconds(clock) + SESSION_SECONDS
      const fields = { account: account.address, audience, expiresAt }
      const signature = await account.signTypedData(sessionTypedData(domain, fields))
      session = { header: sessionHeader(fields, signature), expiresAt }
    }
    return session.header
  }

  const call = async ({ route, parameters, query = '', body, timeoutMs, signal }: Call): Promise<unknown> => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (route.auth === 'session') headers.authorization = await authorization()
    if (body !== undefined) headers['content-type'] = 'application/json'
    const target = new URL(routePath(route, parameters) + query, url)
    const timeout = AbortSignal.timeout(timeoutMs ?? CALL_TIMEOUT_MS)
    try {
      const response = await fetch(target, {
        method: route.method,
        headers,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        ...(body !== undefined && { body: stringifyWire(body) }),
      })
      const text = await readLimited(response, ANSWER_LIMIT_BYTES)
      if (!response.ok) throw wireError(text, response.status, target.pathname)
      reachability.answered()
      return text === '' ? undefined : JSON.parse(text)
    } catch (thrown) {
      if (signal?.aborted)
        throw new DuckMeshError('CANCELLED', 'The call was cancelled.', {}, { cause: thrown })
      if (thrown instanceof DuckMeshError) {
        if (thrown.status >= 500) reachability.failed()
        else reachability.answered()
        throw thrown
      }
      reachability.failed()
      const details = { url, path: target.pathname }
      const message = 'The coordinator does not answer.'
      throw new DuckMeshError('SERVICE_UNAVAILABLE', message, details, { cause: thrown })
    }
  }
  const post = async (route: Route, body: unknown, parameters?: Record<string, string>): Promise<void> => {
    await call({ route, body, ...(parameters && { parameters }) })
  }

  return {
    url,
    get unreachableSinceMs() {
      return reachability.unreachableSinceMs
    },
    useAudience(address) {
      if (audience !== address) session = undefined
      audience = address
    },
    info: async () => parse(coordinatorInfoSchema, await call({ route: coordinatorRoutes.coordinator })),
    jobStatus: async (jobId) =>
      parse(jobStatusSchema, await call({ route: coordinatorRoutes.job, parameters: { jobId } })),
    announce: (announce) => post(coordinatorRoutes.announce, announce),
    work: async (after, waitMs, signal) => {
      const query = `?after=${after}&waitMs=${waitMs}`
      const timeoutMs = waitMs + CALL_TIMEOUT_MS
      const answer = await call({ route: coordinatorRoutes.work, query, timeoutMs, signal })
      return parse(workSchema, answer)
    },
    progress: (jobId, body) => post(coordinatorRoutes.progress, body, { jobId }),
    commit: (jobId, body) => post(coordinatorRoutes.commit, body, { jobId }),
    reveal: (jobId, body) => post(coordinatorRoutes.reveal, body, { jobId }),
    open: (jobId, body) => post(coordinatorRoutes.open, body, { jobId }),
    decline: (jobId, body) => post(coordinatorRoutes.decline, body, { jobId }),
    registerProver: (offer) => post(coordinatorRoutes.registerProver, offer),
    proverHeartbeat: (proverId) => post(coordinatorRoutes.proverHeartbeat, { proverId }),
    assignTask: async (proverId, waitMs, signal) => {
      const route = coordinatorRoutes.assignTask
      const parameters = { proverId: String(proverId) }
      const timeoutMs = waitMs + CALL_TIMEOUT_MS
      const answer = await call({
        route,
        parameters,
        query: `?waitMs=${waitMs}`,
        timeoutMs,
        ...(signal && { signal }),
      })
      return parse(assignedTaskSchema, answer)
    },
    declineTask: (taskId, body) => post(coordinatorRoutes.declineTask, body, { taskId }),
    submitProof: async (body) =>
      parse(proofVerdictSchema, await call({ route: coordinatorRoutes.submitProof, body })),
  }
}

function wireError(text: string, status: number, path: string): DuckMeshError {
  const parsed = wireErrorSchema.safeParse(jsonOrUndefined(text))
  if (parsed.success) return DuckMeshError.fromWire(parsed.data.error)
  return new DuckMeshError('UPSTREAM_ERROR', `The coordinator answered ${status}.`, { path, status })
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a proxy's HTML page: the schema refuses undefined
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new DuckMeshError('UPSTREAM_ERROR', 'The coordinator answered with something unexpected.', { issues })
}
