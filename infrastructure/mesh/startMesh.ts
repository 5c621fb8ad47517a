import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  chainStateFile,
  type Deployment,
  deployMesh,
  devAccount,
  devIndex,
  devPrivateKey,
  freePort,
  fundAccounts,
  isDeployed,
  readyOnMessage,
  type Service,
  startAnvil,
  startService,
} from '@duckmesh/local-chain'
import { DuckMeshError, parseDuck, providersSchema } from '@duckmesh/protocol'
import { installTinyllama } from '@duckmesh/provider-node'
import { lockStateDir } from './lockStateDir.ts'
import { type MeshInfo, readMeshInfo, writeMeshInfo } from './meshFile.ts'
import { registerProofKeys } from './proofKeys.ts'
import { coordinatorProgram, type ProviderSpec, providerPrograms, tourProviders } from './providerSpecs.ts'

/** What a local mesh is made of. */
export type MeshOptions = {
  /** Folder of everything that it keeps; a second start goes on from there. */
  stateDir: string
  /** @default the five of the tour */
  providers?: ProviderSpec[]
  /** Forgets the state of earlier starts. */
  isFresh?: boolean
  /** Known model or path of a GGUF file. @default 'stories15m' */
  model?: string
  /** What the providers with a price for proofs prove. @default `digits-constant` */
  proofCircuits?: readonly string[]
  /** Further settings of the coordinator and of every node. */
  env?: Record<string, string>
  /** Programs to run instead of the usual ones: compositions of a test. */
  programs?: { coordinator?: string; provider?: (spec: ProviderSpec) => string }
  /** Told when a part begins to start and when it is up. */
  onStep?(step: MeshStep): void
}

/** One part of the mesh coming up. */
export type MeshStep = { name: string; isDone: boolean; tookMs: number; detail?: string }

/** A local mesh that runs. */
export type LocalMesh = {
  info: MeshInfo
  /** Whether it went on from the state of an earlier start. */
  isResumed: boolean
  /** Running processes by name: `chain`, `coordinator` and the providers. */
  services: Map<string, Service>
  /** Starts one again after `services.get(name).kill()`, with the same state and the same port. */
  restart(name: string): Promise<void>
  /** Ends every process, in order. */
  stop(): Promise<void>
}

/** DUCK that buyer and providers own at the start, in wallet. */
const WALLET_DUCK = parseDuck('50000')
const STAKE_DUCK = '2000'
const START_TIMEOUT_MS = 60_000
/** Time between two batches of evidence: short enough that a person waits for it. */
const EVIDENCE_PERIOD_MS = '15000'

/**
 * Brings up a whole mesh on this machine: chain, contracts, coordinator, providers, each a process of its own.
 * @throws DuckMeshError `SERVICE_UNAVAILABLE` with the end of the log of the part that failed; all others are ended.
 * `STORE_LOCKED` when a mesh runs or starts in the same folder
 */
export async function startMesh(options: MeshOptions): Promise<LocalMesh> {
  const { stateDir, providers = tourProviders, model = 'stories15m', programs = {} } = options
  const { proofCircuits = ['digits-constant'] } = options
  const earlier = await readMeshInfo(stateDir)
  const unlock = lockStateDir(stateDir, earlier?.pid)
  const services = new Map<string, Service>()
  const launchers = new Map<string, () => Promise<Service>>()
  const restart = async (name: string) => {
    const service = await launchers.get(name)!()
    services.set(name, service)
  }
  const stopAll = async () => {
    const [chain, ...rest] = [...services.entries()].map(([, service]) => service)
    await Promise.all(rest.map((service) => service.stop()))
    await chain?.stop()
    unlock()
  }
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= stopAll()
    return stopped
  }
  const step = async <T>(name: string, work: () => Promise<T>, detail?: (value: T) => string): Promise<T> => {
    const startedMs = Date.now()
    options.onStep?.({ name, isDone: false, tookMs: 0 })
    const value = await work()
    options.onStep?.({
      name,
      isDone: true,
      tookMs: Date.now() - startedMs,
      ...(detail ? { detail: detail(value) } : {}),
    })
    return value
  }
  try {
    // once, before five nodes would each fetch it
    if (model === 'tinyllama') await step('model (322 MB)', () => installTinyllama())
    const chainPort = await freePort()
    const rpcUrl = `http://127.0.0.1:${chainPort}`
    if (options.isFresh) await rm(chainStateFile(stateDir), { force: true })
    launchers.set('chain', async () => (await startAnvil(stateDir, true, chainPort)).service)
    await step(
      'chain',
      () => restart('chain'),
      () => rpcUrl,
    )
    const isResumed = earlier !== undefined && (await isDeployed(rpcUrl, earlier))
    const deployment = await step(
      'contracts',
      () => deploy(rpcUrl, isResumed ? earlier : undefined, providers),
      ({ mesh }) => mesh,
    )
    // nothing of the services may outlive the chain that it is about
    if (!isResumed) {
      await Promise.all(
        ['coordinator', 'gateway', 'nodes'].map((folder) =>
          rm(join(stateDir, folder), { recursive: true, force: true }),
        ),
      )
    }
    const common = { RPC_URL: rpcUrl, MESH_ADDRESS: deployment.mesh, ...options.env }
    const { EvidenceAnchors: anchors } = deployment.modules
    const evidence = anchors ? { EVIDENCE_ANCHORS_ADDRESS: anchors, EVIDENCE_PERIOD_MS } : {}
    const coordinatorPort = await freePort()
    const coordinatorUrl = `http://127.0.0.1:${coordinatorPort}`
    const launch = (name: string, program: string, readyMessage: string, env: Record<string, string>) =>
      startService({
        name,
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', program],
        env,
        logFile: join(stateDir, 'logs', `${name}.log`),
        readyWhen: readyOnMessage(readyMessage),
        readyTimeoutMs: START_TIMEOUT_MS,
      })
    launchers.set('coordinator', () =>
      launch('coordinator', programs.coordinator ?? coordinatorProgram, 'coordinator listening', {
        ...evidence,
        ...common,
        COORDINATOR_PRIVATE_KEY: devPrivateKey(devIndex.coordinator),
        DATA_DIR: join(stateDir, 'coordinator'),
        PORT: String(coordinatorPort),
        RELAY_TO_PRIVATE: 'true', // all nodes of a local mesh are on this machine
      }),
    )
    const ports = await Promise.all(providers.map(() => freePort()))
    for (const [index, spec] of providers.entries()) {
      launchers.set(spec.name, () =>
        launch(spec.name, programs.provider?.(spec) ?? providerPrograms[spec.kind], 'node listening', {
          ...common,
          COORDINATOR_URL: coordinatorUrl,
          OWNER_PRIVATE_KEY: devPrivateKey(devIndex.firstOwner + index),
          SIGNING_PRIVATE_KEY: devPrivateKey(devIndex.firstSigner + index),
          DATA_DIR: join(stateDir, 'nodes', spec.name),
          PORT: String(ports[index]),
          MODEL: model,
          MIN_PRICE_DUCK: spec.minPriceDuck ?? '0.1',
          STAKE_DUCK,
          CAPACITY: '4',
          HEARTBEAT_MS: '2000',
          WATCH_MS: '2000',
          ...(spec.proofPriceDuck && {
            PROVING: 'on',
            PROOF_CIRCUITS: proofCircuits.join(','),
            PROOF_PRICE_DUCK: spec.proofPriceDuck,
          }),
          ...options.env,
          ...spec.env,
        }),
      )
    }
    const hasProvers = providers.some(({ proofPriceDuck }) => proofPriceDuck)
    const keysOf = () => registerProofKeys(rpcUrl, devAccount(devIndex.deployer), deployment, proofCircuits)
    const [proofKeys] = await Promise.all([
      hasProvers ? step('proving keys', keysOf) : {},
      step(
        'coordinator',
        () => restart('coordinator'),
        () => coordinatorUrl,
      ),
      step(`${providers.length} providers`, () => Promise.all(providers.map(({ name }) => restart(name)))),
    ])
    await step('everybody connected', () => allOnline(coordinatorUrl, providers.length))
    const info: MeshInfo = {
      ...deployment,
      proofKeys,
      rpcUrl,
      coordinatorUrl,
      buyerPrivateKey: devPrivateKey(devIndex.buyer),
      pid: process.pid,
      providers: providers.map(({ name, kind }, index) => ({
        name,
        kind,
        providerId: Number(services.get(name)!.ready.providerId),
        endpoint: `http://127.0.0.1:${ports[index]}`,
      })),
    }
    await writeMeshInfo(stateDir, info)
    return { info, isResumed, services, restart, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function deploy(
  rpcUrl: string,
  earlier: Deployment | undefined,
  providers: ProviderSpec[],
): Promise<Deployment> {
  const deployer = devAccount(devIndex.deployer)
  const deployment = earlier ?? (await deployMesh(rpcUrl, deployer, devAccount(devIndex.treasury).address))
  const owners = providers.map((_spec, index) => devAccount(devIndex.firstOwner + index))
  if (!earlier) {
    const wanted = [devAccount(devIndex.buyer), ...owners].map(({ address }) => ({
      address,
      duckWei: WALLET_DUCK,
    }))
    await fundAccounts(rpcUrl, deployer, deployment.token, wanted)
  }
  const { chainId, token, mesh, meshBlock, modules } = deployment
  return { chainId, token, mesh, meshBlock, modules }
}

async function allOnline(coordinatorUrl: string, wanted: number): Promise<void> {
  const endMs = Date.now() + START_TIMEOUT_MS
  for (;;) {
    const response = await fetch(`${coordinatorUrl}/v1/providers`)
    const { providers } = providersSchema.parse(await response.json())
    const online = providers.filter((provider) => provider.isOnline).length
    if (online >= wanted) return
    if (Date.now() > endMs) {
      throw new DuckMeshError(
        'SERVICE_UNAVAILABLE',
        `Only ${online} of ${wanted} providers reached the coordinator.`,
      )
    }
    await sleep(50)
  }
}
