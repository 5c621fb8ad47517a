import { DuckMeshError, limits, parseDuck } from '@duckmesh/protocol'
import { type Address, getAddress, type Hex } from 'viem'
import { z } from 'zod'
import { proverSettings } from './proving/settings.ts'

const privateKey = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, { error: 'not a 32-byte key' })
  .transform((text) => text as Hex)
const duck = z
  .string()
  .regex(/^[0-9]{1,10}(\.[0-9]{1,18})?$/, { error: 'not an amount of DUCK' })
  .transform(parseDuck)
const url = z.url({ protocol: /^https?$/, error: 'not an http URL' })
const seconds = z.coerce.number().int().min(0).max(86_400)
const milliseconds = z.coerce.number().int().min(50).max(3_600_000)

const settings = z
  .object({
    /** RPC endpoint of the chain. */
    RPC_URL: url,
    COORDINATOR_URL: url,
    /** Address of the DuckMesh contract. */
    MESH_ADDRESS: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, { error: 'not an address' })
      .transform((text): Address => getAddress(text)),
    /** Key that owns the provider: pays stake and gas, receives all earnings. */
    OWNER_PRIVATE_KEY: privateKey,
    /** Key that signs commitments and receipts. */
    SIGNING_PRIVATE_KEY: privateKey,
    /** Folder of the journal; one per node. */
    DATA_DIR: z.string().min(1),
    HOST: z.string().min(1).default('127.0.0.1'),
    /** 0 takes any free port. */
    PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    /** Public URL of this node; without it, its own address when that is not a wildcard. */
    ENDPOINT: url.optional(),
    /** Known model or path of a GGUF file. */
    MODEL: z.string().min(1).optional(),
    /** Streams of MODEL that run at once; by the size of the model when not set. */
    MODEL_SLOTS: z.coerce.number().int().min(1).max(64).optional(),
    /** Embedding model: `minilm`, or path of a GGUF file. */
    EMBEDDINGS: z.string().min(1).optional(),
    /** Whether images are read. */
    OCR: z
      .enum(['on', 'off'])
      .default('off')
      .transform((text) => text === 'on'),
    /** Model id on Amazon Bedrock, and its region; credentials come by the default chain of AWS. */
    BEDROCK_MODEL: z.string().min(1).max(64).optional(),
    BEDROCK_REGION: z.string().min(1).max(32).optional(),
    BEDROCK_CONTEXT_TOKENS: z.coerce.number().int().min(1).default(8_192),
    /** Base of an OpenAI-compatible server. */
    OPENAI_URL: url.optional(),
    OPENAI_MODEL: z.string().min(1).optional(),
    OPENAI_API_KEY: z.string().min(1).optional(),
    /** sha256 of the model file that the server runs: `order.modelId` without 0x. */
    OPENAI_MODEL_SHA256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, { error: 'not a sha256' })
      .optional(),
    OPENAI_QUANTISATION: z.string().min(1).max(32).default('undisclosed'),
    OPENAI_TOKENIZER: z.string().min(1).max(64).default('undisclosed'),
    /** Name and version of the server, e.g. `llamafile@0.8.1`. */
    OPENAI_ENGINE: z.string().min(1).max(96).default('unknown'),
    OPENAI_CONTEXT_TOKENS: z.coerce.number().int().min(1).default(2_048),
    /** What streams ask of the server, with commas between. */
    OPENAI_APIS: z
      .string()
      .default('chat,completion')
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(['chat', 'completion', 'embedding']))),
    /** Whether its log-probabilities carry token ids, as llama.cpp's server writes them. */
    OPENAI_TOKEN_IDS: z
      .enum(['true', 'false'])
      .default('false')
      .transform((text) => text === 'true'),
    /** Least gross price of one seat or directed job. */
    MIN_PRICE_DUCK: duck.default(0n),
    /** JSON file with prices that go before those of the settings, read again before each announcement. */
    PRICES_FILE: z.string().min(1).optional(),
    /** Stake to register with, and to come back to when it fell below the minimum. */
    STAKE_DUCK: duck.default(parseDuck('1000')),
    /** Jobs that run at once. */
    CAPACITY: z.coerce.number().int().min(1).max(limits.maxCapacity).default(2),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    /** Whether directed orders that were posted on chain are served. */
    LANE_ONCHAIN: z
      .enum(['true', 'false'])
      .default('true')
      .transform((text) => text === 'true'),
    /** Whether streams are served, when the engine can. */
    LANE_STREAM: z
      .enum(['true', 'false'])
      .default('true')
      .transform((text) => text === 'true'),
    /** Prices of the streaming lane: a request as such, a token of the prompt, a token of the answer. */
    STREAM_REQUEST_DUCK: duck.default(0n),
    STREAM_PROMPT_TOKEN_DUCK: duck.default(parseDuck('0.00002')),
    STREAM_TOKEN_DUCK: duck.default(parseDuck('0.0001')),
    /** Most that a payer needs to promise before the first token. */
    STREAM_STRANGER_CAP_DUCK: duck.default(parseDuck('0.05')),
    /** Streams that may wait for the engine, and streams of one channel that run at once. */
    STREAM_WAITING: z.coerce.number().int().min(0).max(1_024).default(16),
    STREAM_PER_CHANNEL: z.coerce.number().int().min(1).max(1_024).default(16),
    /** Tokens, and time, after which a running stream is stated to its buyer. */
    STREAM_CHECKPOINT_TOKENS: z.coerce.number().int().min(1).max(limits.maxTokens).default(64),
    STREAM_CHECKPOINT_MS: milliseconds.default(2_000),
    /** How long a stream waits for a voucher, for a client that went away, and for the engine. */
    STREAM_PAY_MS: milliseconds.default(15_000),
    STREAM_RESUME_MS: milliseconds.default(20_000),
    STREAM_ENGINE_MS: milliseconds.default(120_000),
    /** Least time between two chunks of a stream that runs alone: what a fast engine makes meanwhile travels together. */
    STREAM_CHUNK_MS: z.coerce.number().int().min(1).max(1_000).default(20),
    /** How long, and up to how many bytes in all, chunks of ended streams are kept for clients that come back. */
    STREAM_KEEP_MS: milliseconds.default(600_000),
    STREAM_KEEP_BYTES: z.coerce.number().int().min(0).default(268_435_456),
    /** Time without an answer of the chain in which new streams are still taken. */
    STREAM_CHAIN_GRACE_MS: milliseconds.default(120_000),
    /** Channels are claimed from as soon as they owe this, and never for less than the other. */
    CLAIM_ENOUGH_DUCK: duck.default(parseDuck('5')),
    CLAIM_LEAST_DUCK: duck.default(parseDuck('0.01')),
    /** How often everything else is claimed; channels whose delay is shorter than three times that are refused. */
    CLAIM_EVERY_SECONDS: z.coerce.number().int().min(1).max(86_400).default(300),
    /** Least execWindow of an order: in less time a node cannot open by itself when the coordinator fails. */
    MIN_EXEC_WINDOW_SECONDS: seconds.default(5),
    /** How long the coordinator may be silent before the node goes to the chain by itself. */
    RESCUE_AFTER_MS: milliseconds.default(15_000),
    /** How often the node tells the coordinator that it is there. */
    HEARTBEAT_MS: milliseconds.default(5_000),
    /** How often the chain is looked at for jobs that are not final. */
    WATCH_MS: milliseconds.default(5_000),
    /** Whether proof tasks are served; see src/proving for the settings of the engine. */
    PROVING: z
      .enum(['on', 'off'])
      .default('off')
      .transform((text) => text === 'on'),
    /** Circuits that are proved, by name with commas. */
    PROOF_CIRCUITS: z
      .string()
      .regex(/^[a-z][a-z0-9-]*(,[a-z][a-z0-9-]*)*$/, { error: 'not names with commas' })
      .default('digits-constant')
      .transform((text) => text.split(',')),
    /** File of the model with public weights that `digits-packed` is proved with. @default the digits that ship */
    PROOF_MODEL: z.string().min(1).optional(),
    /** File of the hidden model that `digits-hidden` is proved with, readable by its owner alone. */
    PROOF_HIDDEN_MODEL: z.string().min(1).optional(),
    /** Least price of one proof: cover gas and work; tasks that pay less are declined. */
    PROOF_PRICE_DUCK: duck.default(parseDuck('0.1')),
    ...proverSettings.shape,
  })
  .superRefine((env, issues) => {
    const need = (holds: boolean, setting: string, message: string) => {
      if (!holds) issues.addIssue({ code: 'custom', path: [setting], message })
    }
    const engines = [env.MODEL, env.OPENAI_URL, env.BEDROCK_MODEL, env.EMBEDDINGS, env.OCR || undefined]
    need(
      engines.some((engine) => engine !== undefined),
      'MODEL',
      'set at least one of MODEL, OPENAI_URL, BEDROCK_MODEL, EMBEDDINGS and OCR',
    )
    need(
      env.BEDROCK_MODEL === undefined || env.BEDROCK_REGION !== undefined,
      'BEDROCK_REGION',
      'is needed with BEDROCK_MODEL',
    )
    if (env.OPENAI_URL === undefined) return
    need(env.OPENAI_MODEL !== undefined, 'OPENAI_MODEL', 'is needed with OPENAI_URL')
    need(env.OPENAI_MODEL_SHA256 !== undefined, 'OPENAI_MODEL_SHA256', 'is needed with OPENAI_URL')
  })

/** Settings of a node; names and meanings are those of the environment variables. */
export type Config = z.output<typeof settings>

/**
 * Reads the settings once, at the start.
 * @param env environment, untrusted
 * @throws DuckMeshError `BAD_CONFIG` that names each bad setting, never its value
 */
export function parseConfig(env: unknown): Config {
  const parsed = settings.safeParse(env)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new DuckMeshError('BAD_CONFIG', `Bad settings: ${issues.join('; ')}.`, { issues })
}
