import { DuckMeshError, parseDuck } from '@duckmesh/protocol'
import { z } from 'zod'

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, { error: 'not an address' })

/** Amount of DUCK as people write it; wei from here on. */
const duck = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,18})?$/, { error: 'not an amount of DUCK' })
  .transform(parseDuck)

const configSchema = z.object({
  /** RPC endpoint of the chain. */
  RPC_URL: z.url(),
  /** Address of the DuckMesh contract. */
  MESH_ADDRESS: address,
  /** Key that signs assignments, proves draws and pays gas. */
  COORDINATOR_PRIVATE_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, { error: 'not a 32-byte key' }),
  /** postgres://… for PostgreSQL; without it an embedded Postgres keeps its data in DATA_DIR. */
  DATABASE_URL: z.string().optional(),
  DATA_DIR: z.string().default('.duckmesh/coordinator'),
  HOST: z.string().default('127.0.0.1'),
  /** 0 takes any free port. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Proxies in front of this service whose `X-Forwarded-For` is believed; rate limits count by client address. */
  TRUST_PROXY_HOPS: z.coerce.number().int().min(0).max(16).default(0),
  /** How long a drawn seat may take before another is drawn in its place, ms. */
  SEAT_TIMEOUT_MS: z.coerce.number().int().min(100).default(20_000),
  /**
   * How long the seats may take to reveal once all have committed, ms; then they are anchored. 0 anchors every job.
   */
  REVEAL_TIMEOUT_MS: z.coerce.number().int().min(0).max(600_000).default(5_000),
  /** How long a prover may take with a proof task before another gets it, ms. */
  PROOF_TIMEOUT_MS: z.coerce.number().int().min(100).default(120_000),
  /** How long a buyer may take to seal its inputs to the prover, ms. */
  PROOF_INPUT_TIMEOUT_MS: z.coerce.number().int().min(100).default(30_000),
  /** How long a task that every prover has declined waits for another one, ms; then it fails. */
  PROOF_GRACE_MS: z.coerce.number().int().min(0).default(10_000),
  /** Proof tasks of one requester that may be open at once. */
  PROOF_TASKS_PER_REQUESTER: z.coerce.number().int().min(1).default(100),
  /** Proof tasks that may be open at once: all of them are looked at every two seconds. */
  PROOF_QUEUE: z.coerce.number().int().min(1).max(100_000).default(2_000),
  /** Turns of one task, declines for good not counted. */
  PROOF_TRIES: z.coerce.number().int().min(1).max(64).default(3),
  /** Time of a proof that earns the whole part of speed in a reputation, ms. */
  PROOF_TARGET_MS: z.coerce.number().int().min(1).default(10_000),
  /** Weight of the price in the auction of proof tasks, 1/10,000; the rest is the reputation's. */
  PROOF_PRICE_BPS: z.coerce.number().int().min(0).max(10_000).default(7_000),
  /** Address of EvidenceAnchors; without it no evidence is kept. */
  EVIDENCE_ANCHORS_ADDRESS: address.optional(),
  /** Time between two batches of evidence, ms: each costs one transaction, however much is in it. */
  EVIDENCE_PERIOD_MS: z.coerce.number().int().min(100).default(600_000),
  /** Time between two looks whether the nodes are there, ms. */
  SLA_LOOK_MS: z.coerce.number().int().min(50).default(5_000),
  /** A node is offline when it was not heard of for this long, ms. */
  NODE_TIMEOUT_MS: z.coerce.number().int().min(1_000).default(15_000),
  /** How long a process may hold a job, ms: longer than a slow transaction; after a crash another waits for its end. */
  LEASE_MS: z.coerce.number().int().min(1_000).default(45_000),
  /** Sealed streams that are relayed at once, in all and for one client address; 0 relays none. */
  RELAY_STREAMS: z.coerce.number().int().min(0).max(65_536).default(256),
  RELAY_STREAMS_PER_CLIENT: z.coerce.number().int().min(1).max(65_536).default(16),
  /** Longest silence of a provider, and of a client that does not read, ms. */
  RELAY_IDLE_MS: z.coerce.number().int().min(100).default(120_000),
  /** Longest relayed stream, ms. */
  RELAY_MAX_MS: z.coerce.number().int().min(1_000).default(900_000),
  /** Whether endpoints at loopback and private addresses are relayed to: right for a mesh on one machine alone. */
  RELAY_TO_PRIVATE: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
  /**
   * Key of a gateway that this coordinator hosts; none is hosted without. It holds the money of its users and must not be
   * used by any other process.
   */
  GATEWAY_PRIVATE_KEY: z
    .string()
    .regex(/^0x[0-9a-fA-F]{64}$/, { error: 'not a 32-byte key' })
    .optional(),
  /** Least top-up of credit, DUCK: the gateway pays the gas. */
  GATEWAY_MIN_TOP_UP_DUCK: duck.default(parseDuck('1')),
  /** Blocks that must follow a top-up or a withdrawal before it counts; 12, and 0 on local chains, if left out. */
  DEPOSIT_CONFIRMATIONS: z.coerce.number().int().min(0).max(10_000).optional(),
  /** Most that one request through the hosted gateway may cost, DUCK. */
  GATEWAY_MAX_PRICE_DUCK: duck.default(parseDuck('10')),
  /** Requests of one API key and minute. */
  GATEWAY_RATE_PER_MINUTE: z.coerce.number().int().min(1).default(600),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
})

/** Settings of the coordinator; names and meanings are those of the environment variables. */
export type Config = z.output<typeof configSchema>

/**
 * Reads the settings once, at the start.
 * @param env environment, untrusted
 * @throws DuckMeshError `BAD_CONFIG` that names each bad variable, never its value
 */
export function parseConfig(env: unknown): Config {
  const parsed = configSchema.safeParse(env)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new DuckMeshError('BAD_CONFIG', `Bad settings: ${issues.join('; ')}.`, { issues })
}
