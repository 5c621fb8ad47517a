import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readManifest } from '@duckmesh/circuits'
import { DuckMeshError } from '@duckmesh/protocol'
import { RunQueue } from '../executors/runQueue.ts'
import type { PreparedCircuit, PrepareRequest } from './prepare.ts'
import type { CircuitKey } from './prover.ts'

/** Everything to prove and verify with one circuit. */
export type CircuitFiles = CircuitKey & {
  circuit: string
  r1csPath: string
  wasmPath: string
  zkeyPath: string
}

/** Longest time to compile a circuit and to make its keys; the large ones take a minute on a busy machine. */
const PREPARE_TIMEOUT_MS = 600_000

/**
 * Compiles circuits and finds or makes their keys, each once, in a process of its own.
 */
export class CircuitShelf {
  readonly #keysFolder: string | undefined
  readonly #all = Object.keys(readManifest())
  readonly #found = new Map<string, Promise<CircuitFiles>>()
  readonly #oneAtATime = new RunQueue({ slots: 1, maxWaiting: this.#all.length })
  readonly #closing = new AbortController()

  /**
   * @param keysFolder released keys of a ceremony, `<circuit>.zkey` and `<circuit>.json`; then no other circuits are
   * offered. Without it all are, with development keys.
   */
  constructor(keysFolder?: string) {
    this.#keysFolder = keysFolder
  }

  /** Circuits whose keys are there or can be made. */
  get names(): string[] {
    const folder = this.#keysFolder
    return folder === undefined
      ? this.#all
      : this.#all.filter((name) => existsSync(join(folder, `${name}.zkey`)))
  }

  /**
   * @param circuit one of {@link names}
   * @throws DuckMeshError `BAD_CONFIG` for a released key that does not fit, `PROVER_FAILED`, `CANCELLED` after close
   */
  files(circuit: string): Promise<CircuitFiles> {
    const known = this.#found.get(circuit)
    if (known !== undefined) return known
    const files = this.#oneAtATime.run(() => this.#prepare(circuit), this.#closing.signal)
    this.#found.set(circuit, files)
    // a failure is not kept: the next call tries again
    files.catch(() => this.#found.delete(circuit))
    return files
  }

  /** Ends a preparation that is under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#oneAtATime.idle()
  }

  async #prepare(circuit: string): Promise<CircuitFiles> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PREPARE_TIMEOUT_MS)])
    const child = fork(new URL('prepare.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      signal,
      killSignal: 'SIGKILL',
    })
    const failed = (cause: unknown) => {
      if (this.#closing.signal.aborted) return new DuckMeshError('CANCELLED', 'The prover was closed.')
      return new DuckMeshError('PROVER_FAILED', `${circuit} could not be prepared.`, { circuit }, { cause })
    }
    child.send({ circuit, keysFolder: this.#keysFolder } satisfies PrepareRequest)
    try {
      const [answer] = (await Promise.race([once(child, 'message'), ended(child)])) as [PreparedCircuit]
      if ('wire' in answer) throw DuckMeshError.fromWire(answer.wire)
      return answer.files
    } catch (error) {
      throw error instanceof DuckMeshError ? error : failed(error)
    } finally {
      child.kill('SIGKILL')
    }
  }
}

/** Rejects when the process ends before it has answered. */
async function ended(child: ReturnType<typeof fork>): Promise<never> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  throw new Error(`The process that prepares circuits ended with ${signal ?? `code ${code}`}.`)
}
