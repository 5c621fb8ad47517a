import { circuitValuesSchema, DuckMeshError, inputIssues } from '@duckmesh/protocol'
import pLimit from 'p-limit'
import type { Fetch } from '../transport/requestJson.ts'
import { type LoadedCircuit, loadCircuit, type ProvableCircuit } from './circuitFiles.ts'
import type { Proven, ProvingWorker, WorkerTask } from './workerTask.ts'

/** Longest time of one proof, ms. */
const TIMEOUT_MS = 120_000

export type ProverParameters = {
  /** Circuits that can be proved, by name. */
  circuits: Record<string, ProvableCircuit>
  /** Starts the script `@duckmesh/sdk/proofs/worker`; called for the first proof, and again after the worker had to be ended. */
  startWorker: () => ProvingWorker
  /** @default the page's own */
  fetch?: Fetch | undefined
}

export type ProveRequest = {
  /** Name of the circuit. */
  circuit: string
  /** Values of the circuit's inputs by name; lists may be nested, numbers may be decimal text. They stay in the page. */
  inputs: unknown
  /** Ends the call with `CANCELLED`. */
  signal?: AbortSignal | undefined
  /** Longest time of the whole call, waiting and fetching included, ms. @default 120000 */
  timeoutMs?: number | undefined
}

/** Turns inputs into Groth16 proofs in a page. */
export type Prover = {
  /**
   * Makes one proof and verifies it; one at a time, others wait.
   * @throws DuckMeshError `UNKNOWN_CIRCUIT`, `BAD_REQUEST` (not the inputs of the circuit), `WITNESS_REFUSED` (they do not
   * satisfy it), `SERVICE_UNAVAILABLE` and `CIRCUIT_CORRUPT` (its files), `PROVER_FAILED`, `PROVER_TIMEOUT`, `CANCELLED`
   */
  prove(request: ProveRequest): Promise<Proven>
  /** Ends the worker, and what waits with `CANCELLED`. */
  close(): void
}

/**
 * Proves in a Web Worker with snarkjs: inputs never leave the page. Files are fetched for the first proof of a circuit and
 * used only if they have the digests that are named here.
 * @example
 * const prover = createProver({
 *   circuits: { 'record-range': { wasm: { url, sha256 }, zkey: { url, sha256 }, verifyingKey } },
 *   startWorker: () => new Worker('/proving-worker.js', { type: 'module' }),
 * })
 * const inputs = { schema: 3n, value: 40n, salt, low: 18n, high: 120n, ctx }
 * const { proof, publicSignals } = await prover.prove({ circuit: 'record-range', inputs })
 * prover.close()
 */
export function createProver({ circuits, startWorker, fetch = globalThis.fetch }: ProverParameters): Prover {
  const oneAtATime = pLimit(1)
  const closing = new AbortController()
  const loaded = new Map<string, LoadedCircuit>()
  let worker: ProvingWorker | undefined

  const endWorker = () => {
    worker?.terminate()
    worker = undefined
  }

  const filesOf = async (circuit: string, signal: AbortSignal): Promise<LoadedCircuit> => {
    const files = loaded.get(circuit) ?? (await loadCircuit(circuits[circuit]!, fetch, signal))
    loaded.set(circuit, files)
    return files
  }

  const ask = (task: WorkerTask, signal: AbortSignal): Promise<Proven> => {
    worker ??= startWorker()
    const asked = worker
    return new Promise<Proven>((resolve, reject) => {
      // nothing but its end stops a worker in the middle of a proof
      const onAbort = () => {
        endWorker()
        reject(endOf(signal))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      asked.onmessage = ({ data }) => {
        signal.removeEventListener('abort', onAbort)
        if ('proven' in data) resolve(data.proven)
        else reject(DuckMeshError.fromWire(data.wire))
      }
      asked.onerror = ({ message }) => {
        signal.removeEventListener('abort', onAbort)
        endWorker()
        reject(new DuckMeshError('PROVER_FAILED', `The worker broke down: ${message ?? 'it did not start'}.`))
      }
      asked.postMessage(task)
    })
  }

  return {
    prove: async ({ circuit, inputs, signal, timeoutMs = TIMEOUT_MS }) => {
      if (!Object.hasOwn(circuits, circuit)) {
        const known = Object.keys(circuits)
        throw new DuckMeshError('UNKNOWN_CIRCUIT', `This page has no circuit ${circuit}.`, {
          circuits: known,
        })
      }
      const parsed = circuitValuesSchema.safeParse(inputs)
      if (!parsed.success) {
        const issues = inputIssues(parsed.error)
        throw new DuckMeshError('BAD_REQUEST', 'The inputs are not numbers of the field by name.', { issues })
      }
      const ends = AbortSignal.any([
        closing.signal,
        AbortSignal.timeout(timeoutMs),
        ...(signal === undefined ? [] : [signal]),
      ])
      const proven = oneAtATime(async () => {
        const files = await filesOf(circuit, ends)
        if (ends.aborted) throw endOf(ends)
        return ask({ circuit, files, inputs: parsed.data }, ends)
      }).catch((thrown: unknown) => {
        throw typed(thrown)
      })
      return Promise.race([proven, ended(ends)])
    },
    close: () => {
      closing.abort()
      endWorker()
    },
  }
}

/** What the page's own parts throw is no DuckMeshError: a worker that may not start, or no WebCrypto without https. */
function typed(thrown: unknown): DuckMeshError {
  if (thrown instanceof DuckMeshError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new DuckMeshError('PROVER_FAILED', `The prover failed: ${message}`, {}, { cause: thrown })
}

/** Why a call was ended. */
const endOf = ({ reason }: AbortSignal): DuckMeshError =>
  reason instanceof Error && reason.name === 'TimeoutError'
    ? new DuckMeshError('PROVER_TIMEOUT', 'The proof was not made in time.')
    : new DuckMeshError('CANCELLED', 'The proof was cancelled.')

/** Rejects when the signal says so, also while the call still waits for others. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(endOf(signal))
    else signal.addEventListener('abort', () => reject(endOf(signal)), { once: true })
  })
