import type { CreditStore } from '@duckmesh/gateway/home'
import type { JobId, MeshDomain } from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Address, Hex } from 'viem'
import { createHttpOutbound } from './adapters/httpOutbound.ts'
import { createStore } from './adapters/store/createStore.ts'
import { createCreditStore } from './adapters/store/creditQueries.ts'
import { guardStore } from './adapters/store/guardStore.ts'
import { openDatabase } from './adapters/store/openDatabase.ts'
import { connectChain } from './adapters/viemChain.ts'
import type { Config } from './config.ts'
import { createRelaySessions, type RelaySessions } from './features/relay/relaySessions.ts'
import { createRelaySlots, type RelaySlots } from './features/relay/slots.ts'
import { createLogger } from './observability/logger.ts'
import type { Chain, ChainTerms } from './ports/chain.ts'
import { type Clock, systemClock } from './ports/clock.ts'
import type { Outbound } from './ports/outbound.ts'
import { createSigner, type Signer } from './ports/signer.ts'
import type { Store } from './ports/store.ts'
import { createWakes, type Wakes } from './ports/wakes.ts'

/** A named point in the life of a job, just before or after something became durable or left the process. */
export type Stage =
  | 'received'
  | 'assigning'
  | 'assigned'
  | 'commit-stored'
  | 'committed'
  | 'reveal-stored'
  | 'anchoring'
  | 'anchor-sent'
  | 'anchored'
  | 'opening-stored'
  | 'settling'
  | 'settle-sent'
  | 'settled'

/** A named point in the life of a batch of evidence. */
export type EvidenceStage = 'batch-sealed' | 'batch-sending' | 'batch-sent' | 'batch-anchored'

/** Everything that the features need, as arguments. */
export type Container = {
  config: Config
  clock: Clock
  chain: Chain
  terms: ChainTerms
  domain: MeshDomain
  store: Store
  /** Books of the hosted gateway. */
  credit: CreditStore
  signer: Signer
  wakes: Wakes
  /** Calls to providers, for the relay. */
  outbound: Outbound
  relaySlots: RelaySlots
  relaySessions: RelaySessions
  logger: Logger
  /** Told each stage as it is passed: for telemetry, and for tests that stop the process at an exact point. */
  observe(stage: Stage, facts: { jobId: JobId }): void
  /** The same for batches of evidence. */
  observeEvidence(stage: EvidenceStage, facts: { sequence: number }): void
  close(): Promise<void>
}

/**
 * Wires the coordinator: every `new` happens here.
 * @param config settings
 * @param overrides parts that a test or another composition brings itself
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `STORE_UNAVAILABLE`, `STORE_LOCKED`
 */
export async function createContainer(
  config: Config,
  overrides: Partial<Container> = {},
): Promise<Container> {
  const logger = overrides.logger ?? createLogger(config.LOG_LEVEL)
  const signer = overrides.signer ?? createSigner(config.COORDINATOR_PRIVATE_KEY as Hex)
  const mesh = config.MESH_ADDRESS as Address
  const chain = overrides.chain ?? (await connectChain(config.RPC_URL, mesh, signer.account))
  const terms = overrides.terms ?? (await chain.terms())
  const opened = await openDatabase(config.DATABASE_URL, config.DATA_DIR)
  const store = overrides.store ?? createStore(opened)
  const credit = overrides.credit ?? guardStore(createCreditStore(opened))
  const clock = overrides.clock ?? systemClock
  const domain = overrides.domain ?? { chainId: chain.chainId, verifyingContract: mesh }
  return {
    config,
    wakes: createWakes(),
    outbound: createHttpOutbound({ allowPrivate: config.RELAY_TO_PRIVATE }),
    relaySlots: createRelaySlots(config.RELAY_STREAMS, config.RELAY_STREAMS_PER_CLIENT),
    observe: () => undefined,
    observeEvidence: () => undefined,
    relaySessions: createRelaySessions({ chain, signer, domain, clock }),
    close: () => store.close(),
    ...overrides,
    clock,
    domain,
    logger,
    signer,
    chain,
    terms,
    store,
    credit,
  }
}
