import { limits } from './constants.ts'
import { proofLimits } from './proving/task.ts'

/** One HTTP endpoint: what both the server and its clients derive from. */
export type Route = {
  method: 'GET' | 'POST'
  /** Path with `:name` parameters. */
  path: string
  /** Who may call: anybody, or the signer of a Session. */
  auth: 'none' | 'session'
  /** Largest request body in bytes; 0 for none. */
  bodyLimitBytes: number
  /** Calls per client address and minute. */
  ratePerMinute: number
  summary: string
}

const small = 16_384
const route = (
  method: Route['method'],
  path: string,
  auth: Route['auth'],
  bodyLimitBytes: number,
  ratePerMinute: number,
  summary: string,
): Route => ({ method, path, auth, bodyLimitBytes, ratePerMinute, summary })

/** Endpoints of the coordinator. */
export const coordinatorRoutes = {
  submitJob: route(
    'POST',
    '/v1/jobs',
    'none',
    limits.maxBodyBytes,
    600,
    'Submit a signed order with its request',
  ),
  submitDispute: route(
    'POST',
    '/v1/disputes',
    'none',
    limits.maxBodyBytes,
    600,
    'Bring the request of a job that is disputed on chain, so that it is run again',
  ),
  job: route('GET', '/v1/jobs/:jobId', 'none', 0, 6_000, 'Public status of a job'),
  jobEvents: route('GET', '/v1/jobs/:jobId/events', 'none', 0, 600, 'Server-sent events of a job, resumable'),
  jobResult: route(
    'GET',
    '/v1/jobs/:jobId/result',
    'session',
    0,
    600,
    'Answer and receipts, for the requester',
  ),
  models: route('GET', '/v1/models', 'none', 0, 600, 'Execution profiles on offer, with prices'),
  providers: route('GET', '/v1/providers', 'none', 0, 600, 'Providers with stake, state and load'),
  coordinator: route(
    'GET',
    '/v1/coordinator',
    'none',
    0,
    600,
    'Address, key, chain and terms of this coordinator',
  ),
  announce: route(
    'POST',
    '/v1/nodes',
    'session',
    limits.maxBodyBytes,
    600,
    'A node says what it serves (heartbeat)',
  ),
  work: route('GET', '/v1/nodes/work', 'session', 0, 6_000, 'Long poll for the work of the calling node'),
  progress: route('POST', '/v1/jobs/:jobId/progress', 'session', small, 6_000, 'Tokens generated so far'),
  commit: route(
    'POST',
    '/v1/jobs/:jobId/commitments',
    'session',
    small,
    6_000,
    'Signed commitment of a seat',
  ),
  reveal: route(
    'POST',
    '/v1/jobs/:jobId/reveals',
    'session',
    small,
    6_000,
    'Output hash and salt of a seat, when all seats have committed',
  ),
  open: route(
    'POST',
    '/v1/jobs/:jobId/openings',
    'session',
    limits.maxBodyBytes,
    6_000,
    'Result, salt and receipt of a seat',
  ),
  decline: route(
    'POST',
    '/v1/jobs/:jobId/decline',
    'session',
    small,
    600,
    'A node gives its seat back before it commits',
  ),
  relayStream: route(
    'POST',
    '/v1/relay/:providerId/v1/streams',
    'none',
    limits.maxStreamBodyBytes,
    600,
    'Hand a sealed request to a provider and its sealed answer back',
  ),
  relayVoucher: route(
    'POST',
    '/v1/relay/:providerId/v1/streams/:streamId/voucher',
    'none',
    small,
    6_000,
    'Hand a larger voucher to a provider',
  ),
  submitEvidence: route(
    'POST',
    '/v1/evidence',
    'none',
    limits.maxBodyBytes,
    600,
    'Signed receipt of a job or stream with verdicts about it, to be anchored',
  ),
  evidenceBatches: route('GET', '/v1/evidence/batches', 'none', 0, 600, 'Latest batches of evidence'),
  evidenceBatch: route(
    'GET',
    '/v1/evidence/batches/:sequence',
    'none',
    0,
    60,
    'All items of one batch, as its data hash names them',
  ),
  evidence: route('GET', '/v1/evidence/:jobId', 'none', 0, 600, 'Evidence of a job with proofs of inclusion'),
  providerSla: route(
    'GET',
    '/v1/providers/:providerId/sla',
    'none',
    0,
    600,
    'Measured service of a provider, signed by this coordinator',
  ),
  submitTask: route(
    'POST',
    '/tasks',
    'none',
    proofLimits.maxInputBytes,
    600,
    'Submit a signed order for a proof',
  ),
  taskInput: route(
    'POST',
    '/tasks/:taskId/input',
    'session',
    proofLimits.maxInputBytes,
    600,
    'Sealed inputs of a task, for the prover that it was assigned to',
  ),
  taskStatus: route('GET', '/tasks/:taskId/status', 'none', 0, 6_000, 'Public status of a proof task'),
  taskResult: route('GET', '/tasks/:taskId/result', 'none', 0, 6_000, 'Proof of a task, once it is paid'),
  assignTask: route(
    'GET',
    '/tasks/assign/:proverId',
    'session',
    0,
    6_000,
    'Task of the calling prover, or null',
  ),
  declineTask: route('POST', '/tasks/:taskId/decline', 'session', small, 600, 'A prover gives its task back'),
  submitProof: route(
    'POST',
    '/tasks/result',
    'session',
    small,
    6_000,
    'Paid proof of a task, with its claim',
  ),
  provers: route('GET', '/provers', 'none', 0, 600, 'Provers with circuits, prices, load and reputation'),
  registerProver: route('POST', '/provers/register', 'session', small, 600, 'A prover says what it serves'),
  proverHeartbeat: route('POST', '/provers/heartbeat', 'session', small, 6_000, 'A prover is there'),
  health: route('GET', '/health', 'none', 0, 6_000, 'Is the process up'),
  ready: route('GET', '/ready', 'none', 0, 6_000, 'Can it do its work: store and chain answer'),
  stats: route('GET', '/stats', 'none', 0, 600, 'Counts of jobs by state, nodes and stage times'),
} as const satisfies Record<string, Route>

/** Endpoints of a hosted gateway, served by the coordinator that hosts it; sessions are for the coordinator. */
export const gatewayRoutes = {
  createKey: route(
    'POST',
    '/v1/gateway/keys',
    'session',
    small,
    60,
    'A new API key for the credit of the caller',
  ),
  keys: route(
    'GET',
    '/v1/gateway/keys',
    'session',
    0,
    600,
    'API keys of the caller, without the keys themselves',
  ),
  revokeKey: route('POST', '/v1/gateway/keys/:keyId/revoke', 'session', small, 60, 'Ends an API key'),
  credit: route('GET', '/v1/gateway/credit', 'session', 0, 600, 'Money of the caller that the gateway holds'),
  topUp: route(
    'POST',
    '/v1/gateway/credit',
    'session',
    small,
    60,
    'Pays in, by a signed ERC-3009 authorization',
  ),
  withdraw: route(
    'POST',
    '/v1/gateway/withdrawals',
    'session',
    small,
    60,
    'Pays unused credit out, to the address of the caller alone',
  ),
} as const satisfies Record<string, Route>

/** Endpoints of a provider node. */
export const nodeRoutes = {
  submitJob: route(
    'POST',
    '/jobs',
    'none',
    limits.maxBodyBytes,
    600,
    'Submit a directed order that was posted on chain',
  ),
  jobResult: route(
    'GET',
    '/jobs/:jobId/result',
    'session',
    0,
    600,
    'Answer and receipt, for the requester, once it may be shown',
  ),
  openStream: route(
    'POST',
    '/v1/streams',
    'session',
    limits.maxStreamBodyBytes,
    60_000,
    'Run a request paid by a voucher; answers with server-sent events',
  ),
  payStream: route(
    'POST',
    '/v1/streams/:streamId/voucher',
    'session',
    small,
    60_000,
    'A larger voucher for a stream that waits for it',
  ),
  channel: route(
    'GET',
    '/v1/channels/:channelId',
    'session',
    0,
    6_000,
    'Books of a payment channel, for its payer',
  ),
  replay: route(
    'POST',
    '/v1/replays',
    'session',
    limits.maxStreamBodyBytes,
    6_000,
    'Check a given answer by one pass of the same model; answers with a signed verdict',
  ),
  health: route('GET', '/health', 'none', 0, 6_000, 'Is the node up, what does it serve, how loaded is it'),
} as const satisfies Record<string, Route>

/**
 * Path of a route with its parameters filled in.
 * @example routePath(coordinatorRoutes.job, { jobId: '0x12…' }) // '/v1/jobs/0x12…'
 */
export function routePath(endpoint: Route, parameters: Record<string, string> = {}): string {
  return endpoint.path.replace(/:(\w+)/g, (_match, name: string) =>
    encodeURIComponent(parameters[name] ?? ''),
  )
}
