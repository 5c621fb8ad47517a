import { readFile } from 'node:fs/promises'
import { statementKey } from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { connectChain } from './adapters/connectChain.ts'
import { createHttpCoordinatorClient } from './adapters/httpCoordinatorClient.ts'
import { systemClock } from './adapters/systemClock.ts'
import { systemRandom } from './adapters/systemRandom.ts'
import type { Config } from './config.ts'
import { createExecutors } from './createExecutors.ts'
import type { Executor } from './executors/executor.ts'
import { RunQueue } from './executors/runQueue.ts'
import { openSqliteJournal } from './journal/sqliteJournal.ts'
import { createLogger } from './logger.ts'
import type { Chain } from './ports/chain.ts'
import type { Clock } from './ports/clock.ts'
import type { CoordinatorClient } from './ports/coordinatorClient.ts'
import type { Journal } from './ports/journal.ts'
import type { Ledger } from './ports/ledger.ts'
import type { Observe, ObserveProof, ObserveStream } from './ports/observe.ts'
import type { Random } from './ports/random.ts'
import { Prices } from './prices/prices.ts'
import { openSealKeys, type SealKeys } from './privacy/sealKeys.ts'
import type { Proving } from './proving/market/proving.ts'
import type { Prover } from './proving/prover.ts'
import { openSqliteLedger } from './streaming/ledger/sqliteLedger.ts'

/** Jobs that may wait for a slot, beyond those that run. */
const MOST_WAITING = 16

/** Everything that the steps of the node need, as arguments. */
export type Container = {
  config: Config
  clock: Clock
  random: Random
  logger: Logger
  /** Signs commitments, receipts and sessions; its address is the provider's signing key. */
  signer: LocalAccount
  chain: Chain
  coordinator: CoordinatorClient
  journal: Journal
  /** Books of the streaming lane. */
  ledger: Ledger
  /** Keys that requests of streams are sealed to. */
  sealKeys: SealKeys
  executors: Executor[]
  /** What the work costs now. */
  prices: Prices
  /** Slots of the node: CAPACITY jobs run at once. */
  queue: RunQueue
  observe: Observe
  observeStream: ObserveStream
  observeProof: ObserveProof
  /** Undefined unless proof tasks are served. */
  proving: Proving | undefined
  /** Frees engines and data folder. */
  close(): Promise<void>
}

/** Parts that a test or another composition brings itself. */
export type Overrides = Partial<Omit<Container, 'config' | 'executors' | 'prices' | 'queue' | 'proving'>> & {
  executor?: Executor
  prover?: Prover
}

/**
 * Wires a node: every `new` happens here. What was opened is closed again when a later part fails.
 * @throws DuckMeshError `STORE_LOCKED`, `STORE_UNAVAILABLE`, `BAD_CONFIG`, `MODEL_CORRUPT`, `UNKNOWN_MODEL`,
 * `EXECUTOR_FAILED` or `CHAIN_UNAVAILABLE`
 */
export async function createContainer(config: Config, overrides: Overrides = {}): Promise<Container> {
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? createLogger(config.LOG_LEVEL)
  const signer = overrides.signer ?? statementKey(config.SIGNING_PRIVATE_KEY)
  const journal = overrides.journal ?? openSqliteJournal(config.DATA_DIR)
  let executors: Executor[] = []
  let ledger: Ledger | undefined
  let proving: Proving | undefined
  try {
    ledger = overrides.ledger ?? openSqliteLedger(config.DATA_DIR)
    const mesh = config.MESH_ADDRESS
    const account = privateKeyToAccount(config.OWNER_PRIVATE_KEY)
    const chain = overrides.chain ?? (await connectChain({ rpcUrl: config.RPC_URL, mesh, account, clock }))
    executors = overrides.executor ? [overrides.executor] : await createExecutors(config)
    const prices = await openPrices(config, executors, clock, logger)
    if (config.PROVING) {
      // only then: it loads all circuits
      const { openProving } = await import('./proving/market/openProving.ts')
      proving = await openProving(config, clock, overrides.prover)
    }
    const url = config.COORDINATOR_URL
    const domain = chain.domain
    const opened = { executors, proving, ledger }
    return {
      config,
      clock,
      random: overrides.random ?? systemRandom,
      logger,
      signer,
      chain,
      coordinator:
        overrides.coordinator ?? createHttpCoordinatorClient({ url, domain, account: signer, clock }),
      journal,
      executors,
      prices,
      ledger,
      proving,
      sealKeys: overrides.sealKeys ?? openSealKeys({ dataDir: config.DATA_DIR, clock }),
      queue: new RunQueue({ slots: config.CAPACITY, maxWaiting: MOST_WAITING }),
      observe: overrides.observe ?? (() => undefined),
      observeStream: overrides.observeStream ?? (() => undefined),
      observeProof: overrides.observeProof ?? (() => undefined),
      close:
        overrides.close ??
        (async () => {
          await Promise.all(opened.executors.map((executor) => executor.close()))
          await opened.proving?.prover.close()
          opened.proving?.journal.close()
          opened.ledger.close()
          journal.close()
        }),
    }
  } catch (error) {
    await Promise.all(executors.map((executor) => executor.close()))
    await proving?.prover.close()
    proving?.journal.close()
    ledger?.close()
    journal.close()
    throw error
  }
}

function openPrices(
  config: Config,
  executors: readonly Executor[],
  clock: Clock,
  logger: Logger,
): Promise<Prices> {
  const { PRICES_FILE: file } = config
  const stream = {
    requestWei: config.STREAM_REQUEST_DUCK,
    promptTokenWei: config.STREAM_PROMPT_TOKEN_DUCK,
    tokenWei: config.STREAM_TOKEN_DUCK,
    strangerCapWei: config.STREAM_STRANGER_CAP_DUCK,
  }
  return Prices.open({
    base: { seatWei: config.MIN_PRICE_DUCK, stream, models: new Map() },
    read: file === undefined ? undefined : () => readFile(file, 'utf8'),
    models: executors.map(({ profile }) => profile.name),
    clock,
    logger,
  })
}
