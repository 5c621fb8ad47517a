import { circuitNamed, readManifest } from '@duckmesh/circuits'
import { DuckMeshError } from '@duckmesh/protocol'
import { RunQueue } from '../executors/runQueue.ts'
import { CircuitShelf } from './circuitShelf.ts'
import { ProcessEnded } from './processEnded.ts'
import { type PairOptions, ProcessPair } from './processPair.ts'
import type { CircuitKey, Engine, OfferedCircuit, ProveRequest, ProveRun, Prover } from './prover.ts'
import { parseStatement } from './request.ts'

const DEFAULT_TIMEOUT_MS = 120_000

/** How a pool is set up. */
export type PoolOptions = PairOptions & {
  engine: Engine
  reason: string
  /** Whether a proof is made with snarkjs when the native program crashed over it. */
  isSnarkjsSpare: boolean
  /** Proofs that are made at the same time. */
  slots: number
  /** Proofs that may wait. */
  maxWaiting: number
  keysFolder: string | undefined
}

/** A bounded number of pairs of processes behind one queue, first come, first served. */
export class ProverPool implements Prover {
  readonly engine: Engine
  readonly reason: string
  readonly #options: PoolOptions
  readonly #shelf: CircuitShelf
  readonly #queue: RunQueue
  readonly #manifest = readManifest()
  readonly #idle: ProcessPair[] = []
  readonly #working = new Set<ProcessPair>()
  readonly #closing = new AbortController()

  constructor(options: PoolOptions) {
    this.engine = options.engine
    this.reason = options.reason
    this.#options = options
    this.#shelf = new CircuitShelf(options.keysFolder)
    this.#queue = new RunQueue({ slots: options.slots, maxWaiting: options.maxWaiting })
  }

  circuits(): OfferedCircuit[] {
    return this.#shelf.names.map((name) => {
      const { proves, publicSignals } = circuitNamed(name)
      return { name, proves, publicSignals, constraints: this.#manifest[name]!.constraints }
    })
  }

  processIds(): number[] {
    return [...this.#idle, ...this.#working].flatMap(({ processIds }) => processIds)
  }

  async keyOf(circuit: string): Promise<CircuitKey> {
    this.#checkOffered(circuit)
    const { verifyingKey, setup } = await this.#shelf.files(circuit)
    return { verifyingKey, setup }
  }

  async prove(request: ProveRequest): Promise<ProveRun> {
    const { circuit, timeoutMs = DEFAULT_TIMEOUT_MS } = request
    this.#checkOffered(circuit)
    const statement = parseStatement(request, this.#manifest[circuit]!)
    const timeout = AbortSignal.timeout(timeoutMs)
    const stop = AbortSignal.any([this.#closing.signal, timeout, ...(request.signal ? [request.signal] : [])])
    const onStage = request.onProgress ?? (() => undefined)
    const make = async () => {
      const files = await unless(stop, this.#shelf.files(circuit))
      return this.#queue.run(
        () => this.#onPair(stop, (pair, engine) => pair.prove(files, statement, engine, onStage)),
        stop,
      )
    }
    try {
      return await make()
    } catch (error) {
      if (stop.aborted && stop.reason === timeout.reason) {
        const message = `No proof of ${circuit} within ${timeoutMs} ms.`
        throw new DuckMeshError('PROVER_TIMEOUT', message, { circuit, timeoutMs }, { cause: error })
      }
      throw error
    }
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new Error('The prover was closed.'))
    await this.#shelf.close()
    await this.#queue.idle()
    for (const pair of this.#idle.splice(0)) pair.kill()
  }

  #checkOffered(circuit: string): void {
    const { names } = this.#shelf
    if (names.includes(circuit)) return
    const message = `There is no circuit "${String(circuit).slice(0, 64)}" here.`
    throw new DuckMeshError('UNKNOWN_CIRCUIT', message, { circuits: names })
  }

  /** Runs `work` on a pair, and once more on a new one when a process ended over it: a proof has no effect until it leaves. */
  async #onPair(
    stop: AbortSignal,
    work: (pair: ProcessPair, engine: Engine) => Promise<ProveRun>,
  ): Promise<ProveRun> {
    const { engine, isSnarkjsSpare } = this.#options
    try {
      return await this.#once(stop, (pair) => work(pair, engine))
    } catch (error) {
      if (!(error instanceof ProcessEnded)) throw error
    }
    try {
      return await this.#once(stop, (pair) => work(pair, isSnarkjsSpare ? 'snarkjs' : engine))
    } catch (cause) {
      if (!(cause instanceof ProcessEnded)) throw cause
      throw new DuckMeshError('PROVER_FAILED', `${cause.message} It did so twice.`, {}, { cause })
    }
  }

  /** A pair that waits; one that ended while it waited is left out. */
  #idlePair(): ProcessPair | undefined {
    for (let pair = this.#idle.pop(); pair !== undefined; pair = this.#idle.pop()) {
      if (pair.isUsable) return pair
      pair.kill()
    }
    return undefined
  }

  /** Runs `work` on an idle pair or a new one. When `stop` fires its processes are killed, and the slot is free at once. */
  async #once(stop: AbortSignal, work: (pair: ProcessPair) => Promise<ProveRun>): Promise<ProveRun> {
    const pair = this.#idlePair() ?? new ProcessPair(this.#options)
    this.#working.add(pair)
    const kill = () => pair.kill()
    stop.addEventListener('abort', kill, { once: true })
    try {
      if (stop.aborted) kill()
      return await work(pair)
    } catch (error) {
      if (!stop.aborted) throw error
      throw new DuckMeshError('CANCELLED', 'The proof was cancelled.', {}, { cause: stop.reason })
    } finally {
      stop.removeEventListener('abort', kill)
      this.#working.delete(pair)
      if (pair.isUsable) this.#idle.push(pair)
      else pair.kill()
    }
  }
}

/** The promise's result, or `CANCELLED` as soon as `stop` fires; what the promise stands for goes on. */
function unless<Value>(stop: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () =>
      reject(new DuckMeshError('CANCELLED', 'The proof was cancelled.', {}, { cause: stop.reason }))
    if (stop.aborted) giveUp()
    stop.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => stop.removeEventListener('abort', giveUp))
  })
}
