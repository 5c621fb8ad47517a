import type { RequestListener, Server } from 'node:http'
import { DuckMeshError, type ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'
import { createApp } from './app.ts'
import type { Config } from './config.ts'
import { type Container, createContainer, type Overrides } from './container.ts'
import { close, listen } from './http/listen.ts'
import { announce } from './loop/announce.ts'
import { backoffMs } from './loop/backoff.ts'
import type { LoopContext } from './loop/context.ts'
import { discover } from './loop/discover.ts'
import { identify, pinnedCoordinator } from './loop/identify.ts'
import { pinDeployment } from './loop/pinDeployment.ts'
import { register } from './loop/register.ts'
import { resume, takeWork } from './loop/takeWork.ts'
import { Tasks } from './loop/tasks.ts'
import { startLook, watch } from './loop/watch.ts'
import { serveProofs } from './proving/market/serveProofs.ts'
import { createStreaming, type Streaming } from './streaming/createStreaming.ts'

/** Answer to calls that come before the node is registered. */
const starting = (): string =>
  JSON.stringify({ error: new DuckMeshError('SERVICE_UNAVAILABLE', 'The node is starting.').toWire() })

/** How long work under way may take to end after a stop, ms. */
const STOP_MS = 4_000

/** How long the clients of streams get for their receipts after a stop, ms. */
const STREAM_STOP_MS = 1_000

/** A provider node in this process. */
export type Node = {
  /** Takes up what the journal holds, registers when needed, serves HTTP and asks for work. */
  start(): Promise<void>
  /** Ends everything within 5 s; what is under way goes on at the next start. May be called more than once. */
  stop(): Promise<void>
  /** Number on chain. @throws DuckMeshError `NOT_REGISTERED` before `start` */
  readonly providerId: ProviderId
  /** Where it listens. @throws DuckMeshError `SERVICE_UNAVAILABLE` before `start` */
  address(): { host: string; port: number; url: string }
}

/**
 * Makes a node. Nothing runs and nothing is sent before `start`.
 * @throws DuckMeshError whatever `createContainer` throws
 * @example
 * const node = await createNode(parseConfig(process.env))
 * await node.start()
 */
export async function createNode(config: Config, overrides: Overrides = {}): Promise<Node> {
  return new RunningNode(await createContainer(config, overrides))
}

class RunningNode implements Node {
  readonly #container: Container
  readonly #stopping = new AbortController()
  readonly #tasks = new Tasks()
  readonly #loops: Promise<void>[] = []
  #coordinatorAddress: Address | undefined
  #providerId: ProviderId | undefined
  #http: { server: Server; port: number } | undefined
  #streaming: Streaming | undefined
  #stopped: Promise<void> | undefined

  constructor(container: Container) {
    this.#container = container
  }

  get providerId(): ProviderId {
    if (this.#providerId) return this.#providerId
    throw new DuckMeshError('NOT_REGISTERED', 'The node was not started.')
  }

  address(): { host: string; port: number; url: string } {
    if (!this.#http) throw new DuckMeshError('SERVICE_UNAVAILABLE', 'The node does not listen.')
    const { HOST: host } = this.#container.config
    const { port } = this.#http
    return { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` }
  }

  async start(): Promise<void> {
    const { config, logger } = this.#container
    pinDeployment(this.#container)
    let app: RequestListener | undefined
    // the port is taken first: the registration names it
    this.#http = await listen(
      (request, response) => {
        if (app) app(request, response)
        else response.writeHead(503, { 'content-type': 'application/json' }).end(starting())
      },
      config.HOST,
      config.PORT,
    )
    const endpoint = this.#endpoint()
    this.#providerId = await this.#register(endpoint ?? '')
    this.#follow(pinnedCoordinator(this.#container))
    const context: LoopContext = {
      ...this.#container,
      providerId: this.#providerId,
      startedAtMs: this.#container.clock.nowMs(),
      signal: this.#stopping.signal,
      coordinatorAddress: () => this.#coordinatorAddress,
    }
    this.#streaming = createStreaming(context)
    await this.#streaming?.recover()
    app = createApp(context, (row) => void startLook(row, context, this.#tasks), this.#streaming)
    resume(context, this.#tasks)
    this.#loops.push(
      watch(context, this.#tasks),
      announce(context, endpoint, this.#streaming),
      this.#streaming?.follow() ?? Promise.resolve(),
      discover(
        context,
        async () => this.#follow(await identify(this.#container)),
        (work) => takeWork(work, context, this.#tasks),
      ),
    )
    const { proving } = this.#container
    if (proving) this.#loops.push(serveProofs(proving, context, this.#tasks))
    const { port } = this.#http
    logger.info({ port, providerId: this.#providerId }, 'node listening')
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    const { clock, logger } = this.#container
    this.#stopping.abort(new Error('The node stops.'))
    const idle = new AbortController()
    // streams end before their connections are cut, so that clients get their receipts
    const streamsEnded = this.#streaming?.stop() ?? Promise.resolve()
    await Promise.race([streamsEnded, clock.sleep(STREAM_STOP_MS, idle.signal)])
    if (this.#http) await close(this.#http.server)
    const claimed = streamsEnded.then(() => this.#streaming?.claimAll())
    const ended = Promise.allSettled([...this.#loops, this.#tasks.idle(), claimed]).then(() => true)
    const isIdle = await Promise.race([ended, clock.sleep(STOP_MS, idle.signal).then(() => false)])
    idle.abort()
    if (!isIdle) logger.warn('work under way was cut; it goes on at the next start')
    await this.#container.close()
    logger.info('node stopped')
  }

  #follow(coordinator: Address | undefined): void {
    this.#coordinatorAddress = coordinator
    if (coordinator) this.#container.coordinator.useAudience(coordinator)
  }

  /** Registers; waits for a chain that is away. */
  async #register(endpoint: string): Promise<ProviderId> {
    const { clock, logger, random } = this.#container
    for (let failures = 1; ; failures++) {
      try {
        return await register(this.#container, endpoint)
      } catch (thrown) {
        const error = DuckMeshError.from(thrown)
        const isPassing = error.code === 'CHAIN_UNAVAILABLE' || error.code === 'UPSTREAM_ERROR'
        if (!isPassing || this.#stopping.signal.aborted) throw error
        logger.warn({ err: error, failures }, 'the chain is away; waiting for it')
        await clock.sleep(backoffMs(failures, random.fraction()), this.#stopping.signal)
      }
    }
  }

  /** The URL under which others reach this node; null when there is none. */
  #endpoint(): string | null {
    const { ENDPOINT, HOST, LANE_ONCHAIN, LANE_STREAM } = this.#container.config
    if (ENDPOINT !== undefined) return ENDPOINT
    return (LANE_ONCHAIN || LANE_STREAM) && HOST !== '0.0.0.0' && HOST !== '::' ? this.address().url : null
  }
}
