import type { CircuitValues, SnarkjsProof, WireError } from '@duckmesh/protocol'
import type { LoadedCircuit } from './circuitFiles.ts'

/** What the page tells the worker. */
export type WorkerTask = { circuit: string; files: LoadedCircuit; inputs: Record<string, CircuitValues> }

/** A proof that was verified after it was made. */
export type Proven = {
  proof: SnarkjsProof
  /** Decimal, in the circuit's order. */
  publicSignals: string[]
  witnessMs: number
  proveMs: number
}

/** What the worker answers. */
export type WorkerAnswer = { proven: Proven } | { wire: WireError }

/** A Web Worker, as far as the prover uses it. */
export type ProvingWorker = {
  postMessage(task: WorkerTask): void
  onmessage: ((event: { data: WorkerAnswer }) => void) | null
  onerror: ((event: { message?: string }) => void) | null
  terminate(): void
}
