/** Meaning of an error code: the same for every occurrence. */
export type ErrorMeaning = {
  /** HTTP status that carries it. */
  status: number
  /** Whether the same call may succeed later without a change. */
  retryable: boolean
  /** Who must act. */
  actor: 'caller' | 'provider' | 'operator' | 'developers'
  /** What to do. */
  hint: string
}

const caller = (status: number, hint: string): ErrorMeaning => ({
  status,
  retryable: false,
  actor: 'caller',
  hint,
})
const later = (status: number, actor: ErrorMeaning['actor'], hint: string): ErrorMeaning => ({
  status,
  retryable: true,
  actor,
  hint,
})

/**
 * Every error code of the product. Codes are stable: they may be added, never renamed or reused.
 * `docs/errors.md` is generated from this table.
 */
export const errorCodes = {
  // Requests as such
  BAD_REQUEST: caller(
    400,
    'Compare the request with the schema of the route; `details.issues` names each field.',
  ),
  BODY_TOO_LARGE: caller(413, 'Send a smaller body; `details.limitBytes` is the limit of this route.'),
  NOT_FOUND: caller(404, 'Check the path and the id.'),
  RATE_LIMITED: later(429, 'caller', 'Wait `details.retryAfterMs` and call again.'),
  UNAUTHENTICATED: caller(
    401,
    'Send `Authorization: DuckMesh …` with an unexpired Session signed by your key for this audience.',
  ),
  FORBIDDEN: caller(403, 'Use the key that owns this resource.'),
  // Orders
  WRONG_CHAIN: caller(
    400,
    'Sign the order for the chain id and DuckMesh address that `GET /v1/coordinator` names.',
  ),
  WRONG_COORDINATOR: caller(400, 'Set `order.coordinator` to the address that `GET /v1/coordinator` names.'),
  BAD_SIGNATURE: caller(400, 'Sign the EIP-712 digest with the key of the account that the message names.'),
  ORDER_EXPIRED: caller(400, 'Sign a new order with a later `acceptBy`.'),
  ORDER_OUT_OF_BOUNDS: caller(
    400,
    'Change the field that `details` names so that it lies within the bounds given there.',
  ),
  UNSUPPORTED_MODE: caller(400, 'Use a verification mode that `GET /v1/coordinator` lists.'),
  NONCE_USED: caller(409, 'Sign a new order with a fresh nonce.'),
  INPUT_MISMATCH: caller(400, 'Set `order.inputHash` to the canonical hash of the request that you send.'),
  UNKNOWN_MODEL: caller(404, 'Take `modelId` and `policy` from `GET /v1/models`.'),
  INSUFFICIENT_FUNDS: caller(
    402,
    'Deposit at least `details.neededWei` minus `details.freeWei` DUCK wei into DuckMesh.',
  ),
  PROMPT_TOO_LONG: caller(
    400,
    'Shorten the prompt or lower `maxTokens`; `details.contextTokens` is the model limit.',
  ),
  NO_PROVIDERS: later(
    503,
    'caller',
    'Read `details.skipped`: it names each provider and the reason; change price, bond, policy or wait.',
  ),
  // Jobs
  JOB_NOT_FOUND: caller(
    404,
    'Check the job id; orders are stored by the coordinator that they were sent to.',
  ),
  JOB_NOT_DONE: later(409, 'caller', 'Wait until the job is settled; follow `GET /v1/jobs/:jobId/events`.'),
  JOB_FAILED: caller(
    410,
    'The job ended without an answer and its price went back to you; read `details.state` and order again.',
  ),
  ILLEGAL_TRANSITION: {
    status: 500,
    retryable: false,
    actor: 'developers',
    hint: 'Report this with the job id: a job tried an edge that does not exist.',
  },
  WAIT_TIMEOUT: later(504, 'caller', 'The job goes on; wait again with the same job id.'),
  NOT_DISPUTED: later(
    409,
    'caller',
    'Call `disputeJob` on chain first: only a job that the chain shows as disputed is run again.',
  ),
  DISPUTE_EXPIRED: caller(
    410,
    'Call `expireJob`: the provider is paid, and the bond of the challenger comes back.',
  ),
  // Seats
  NOT_A_SEAT: {
    status: 403,
    retryable: false,
    actor: 'provider',
    hint: 'Only the providers of the current Assignment may send this.',
  },
  ALREADY_COMMITTED: {
    status: 409,
    retryable: false,
    actor: 'provider',
    hint: 'A seat commits once for a round; resend the first commitment.',
  },
  BAD_OPENING: {
    status: 400,
    retryable: false,
    actor: 'provider',
    hint: 'The opening does not hash to your commitment.',
  },
  WRONG_STAGE: {
    status: 409,
    retryable: false,
    actor: 'provider',
    hint: 'The job is at another stage; fetch work again.',
  },
  EQUIVOCATION: {
    status: 409,
    retryable: false,
    actor: 'provider',
    hint: 'A different statement was signed for this job before; the first one stands.',
  },
  ALREADY_REVEALED: {
    status: 409,
    retryable: false,
    actor: 'provider',
    hint: 'The seat has shown its output hash under another assignment of this round; seat another provider instead.',
  },
  RECEIPT_INVALID: {
    status: 400,
    retryable: false,
    actor: 'provider',
    hint: 'The receipt must match order, assignment and result; `details` names the field.',
  },
  // Streams and channels
  CHANNEL_UNKNOWN: caller(
    402,
    'Open the channel on chain for this provider, or wait until the provider sees it; `details.channelId` names it.',
  ),
  CHANNEL_EXHAUSTED: caller(
    402,
    'The channel holds too little: top it up by `details.neededWei` minus `details.fundedWei` DUCK wei, or open another.',
  ),
  CHANNEL_CLOSING: caller(
    409,
    'The close of this channel was started, or its delay is too short for this provider: top it up, or open another.',
  ),
  VOUCHER_TOO_LOW: caller(
    402,
    'Sign a voucher for at least `details.neededWei` DUCK wei; `details.owedWei` is what the channel owes already.',
  ),
  STREAM_PRICE: caller(400, 'Take prices and policy from what the provider offers now: `details.offer`.'),
  STREAM_EXPIRED: caller(
    400,
    'Begin a stream whose `expiresAt` lies ahead, by at most `details.mostLifeSeconds`.',
  ),
  STREAM_KNOWN: caller(409, 'This stream was begun with other terms; use a fresh nonce.'),
  STREAM_CUT: later(
    502,
    'caller',
    'The provider stopped before the end: what was given is paid; go on with another provider from there.',
  ),
  STREAM_INVALID: later(
    502,
    'provider',
    'The provider sent what does not fit its own statement; nothing more is paid to it. Ask another provider.',
  ),
  PURSE_BEHIND: {
    status: 409,
    retryable: false,
    actor: 'operator',
    hint: 'The purse store is older than what the provider or the chain knows: the channel is closed, the rest comes back.',
  },
  REPLAY_IMPOSSIBLE: caller(
    400,
    'Send an answer with token ids and log-probabilities, in order, to a node that serves the same model and engine; `details` names the field.',
  ),
  SEAL_BROKEN: caller(
    400,
    'The sealed request does not open with the key of this provider; fetch its key again.',
  ),
  PROVIDER_OFFLINE: later(
    503,
    'provider',
    'Take another provider of `GET /v1/providers`, or wait until this one is online and announces an endpoint.',
  ),
  SEAL_KEY_INVALID: later(
    502,
    'provider',
    'Do not seal to this key: it is not what the provider signed, or it is too old. Take another provider.',
  ),
  // The OpenAI surface
  UNSUPPORTED_FIELD: caller(
    400,
    'Leave out the field that `details.param` names, or give it its neutral value.',
  ),
  BUDGET_SPENT: caller(
    402,
    'Start the gateway with a larger `--budget`, or ask for less: `details.leftWei` of `details.neededWei` DUCK wei are left.',
  ),
  CREDIT_TOO_LOW: caller(
    402,
    'Top up the credit of your account: `details.freeWei` of `details.neededWei` DUCK wei are there. Requests that run hold a part of it.',
  ),
  CREDIT_NOT_PAID_OUT: later(
    503,
    'operator',
    'Nothing was taken from the credit: the money of the gateway is in its channels. Try again when they have closed.',
  ),
  // Providers
  NOT_REGISTERED: {
    status: 403,
    retryable: false,
    actor: 'provider',
    hint: 'Register on chain with at least the minimum stake, with this signing key.',
  },
  MODEL_CORRUPT: {
    status: 500,
    retryable: false,
    actor: 'provider',
    hint: 'The file does not have the pinned sha256; fetch or build it again.',
  },
  EXECUTOR_BUSY: later(503, 'provider', 'All slots and the queue are full; retry after a job ends.'),
  EXECUTOR_FAILED: later(502, 'provider', 'The inference engine failed; `details` and the cause say how.'),
  EXECUTOR_TIMEOUT: later(504, 'provider', 'The inference engine did not answer in time.'),
  // Proofs
  MODEL_UNREGISTERED: caller(
    404,
    'Take the id from whoever registered it, or register it: `duckmesh model register`.',
  ),
  UNKNOWN_CIRCUIT: caller(404, 'Take a circuit that the prover offers; `details.circuits` lists them.'),
  CIRCUIT_CORRUPT: {
    status: 502,
    retryable: false,
    actor: 'operator',
    hint: 'The file is not the one of the digest; publish the files of the circuit again, with their digests.',
  },
  WITNESS_REFUSED: caller(
    422,
    'The inputs do not satisfy the circuit, so nobody can prove them; compare them with what the circuit says.',
  ),
  PROOF_MALFORMED: caller(
    400,
    'Send points of the curve and public signals below the group order; `details.fault` says what is not.',
  ),
  PROVER_FAILED: later(
    502,
    'provider',
    'The prover broke down and no proof left; `details` and the cause say how.',
  ),
  TOO_MANY_TASKS: later(
    429,
    'caller',
    'Wait until one of your open proof tasks has ended; `details.limit` may be open at once.',
  ),
  TASK_QUEUE_FULL: later(
    503,
    'operator',
    'The coordinator holds as many proof tasks as it may; send it later.',
  ),
  TASK_NOT_FOUND: caller(
    404,
    'Check the task id; tasks are stored by the coordinator that they were sent to.',
  ),
  TASK_FAILED: caller(
    410,
    'No prover delivered and nothing was paid; read `failure` and `attempts` of the status and order again.',
  ),
  PROOF_NOT_PAID: later(409, 'provider', 'Settle the proof on chain before you show it.'),
  PROOF_REFUSED: {
    status: 422,
    retryable: false,
    actor: 'provider',
    hint: 'The verifier says that the proof does not hold; nothing was signed. Check keys and engine.',
  },
  PROVER_TIMEOUT: later(504, 'provider', 'The proof was not made in time; its process was ended.'),
  CANCELLED: caller(499, 'The call was cancelled by its caller.'),
  // Services and chain
  CHAIN_UNAVAILABLE: later(
    503,
    'operator',
    'The RPC endpoint does not answer; check RPC_URL and the node. Nothing was lost.',
  ),
  CHAIN_REVERTED: caller(409, '`details.reason` is the contract error; see docs/errors.md for its meaning.'),
  STORE_UNAVAILABLE: later(503, 'operator', 'The database does not answer; check DATABASE_URL.'),
  STORE_LOCKED: {
    status: 500,
    retryable: false,
    actor: 'operator',
    hint: 'Another process holds this data folder; stop it or use another folder.',
  },
  RELAY_UNAVAILABLE: later(
    503,
    'operator',
    'The relay of the coordinator does not take streams now: try again, or let them go straight to the providers with `DUCKMESH_ROUTE=auto`.',
  ),
  SERVICE_UNAVAILABLE: later(503, 'operator', 'The service does not answer; check its URL and its log.'),
  UPSTREAM_ERROR: later(
    502,
    'operator',
    'The other side answered with something unexpected; `details` holds it.',
  ),
  BAD_CONFIG: {
    status: 500,
    retryable: false,
    actor: 'operator',
    hint: 'Mend the setting that `details` names.',
  },
  DEPLOYMENT_DIFFERS: {
    status: 409,
    retryable: false,
    actor: 'operator',
    hint: 'Compare `details.faults` with the settings: restore them, or deploy anew with another `salt`.',
  },
  MESH_NOT_FOUND: caller(500, 'Run this inside a DuckMesh checkout, or start a mesh with `npm start`.'),
  RECEIPT_UNVERIFIED: caller(
    422,
    'Do not trust this receipt; `details.failed` lists the checks that failed.',
  ),
  INTERNAL: {
    status: 500,
    retryable: true,
    actor: 'developers',
    hint: 'This is a bug of ours; report it with the request id.',
  },
} as const satisfies Record<string, ErrorMeaning>

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes
