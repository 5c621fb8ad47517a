import type { SnarkjsKey, SnarkjsProof } from '@duckmesh/protocol'

/** What proves: snarkjs in a Node process, or the native program. */
export const engines = ['snarkjs', 'native'] as const
export type Engine = (typeof engines)[number]

/** Where a proof is on its way. A proof that is made anew after a crash begins with `witness` again. */
export type ProvingStage = 'witness' | 'proving' | 'checking'

/** What is to be proved, and how the call is steered. Exactly one of `inputs` and `witness` is given. */
export type ProveRequest = {
  /** Name of a circuit that the prover offers. */
  circuit: string
  /** Values of the circuit's inputs by name; lists may be nested, numbers may be decimal text. */
  inputs?: unknown
  /** Instead of inputs: the value of every wire, as the bytes of a `.wtns` file. */
  witness?: Uint8Array | undefined
  /** Ends the call with `CANCELLED`; processes that work for it are killed. */
  signal?: AbortSignal | undefined
  onProgress?: ((stage: ProvingStage) => void) | undefined
  /** Longest time of the whole call, waiting included; then `PROVER_TIMEOUT`. Default 120 s. */
  timeoutMs?: number | undefined
}

/** A proof that was verified after it was made. */
export type ProveRun = {
  proof: SnarkjsProof
  /** Decimal, in the circuit's order. */
  publicSignals: string[]
  provedBy: Engine
  witnessMs: number
  proveMs: number
  /** Processor time of proving alone, on all threads. */
  proveCpuMs: number
}

/** A circuit that can be proved here. */
export type OfferedCircuit = {
  name: string
  /** What a proof of it says. */
  proves: string
  publicSignals: string[]
  constraints: number
}

/** Whose keys a circuit has: `dev-insecure` are for local chains alone, see `setupFitsChain`. */
export type CircuitKey = { verifyingKey: SnarkjsKey; setup: 'dev-insecure' | 'ceremony' }

/** Turns inputs into Groth16 proofs: the port between the node and what proves. */
export type Prover = {
  /** What proofs are made with; after a crash of the native program, `auto` takes snarkjs once. */
  readonly engine: Engine
  /** What the node says at its start: why this engine. */
  readonly reason: string
  circuits(): OfferedCircuit[]
  /** Ids of the processes that make proofs, for whoever measures them. */
  processIds(): number[]
  /**
   * The verifying key that proofs of this circuit belong to; development keys are made when they are first asked for.
   * @throws DuckMeshError `UNKNOWN_CIRCUIT`, `BAD_CONFIG`, `PROVER_FAILED`
   */
  keyOf(circuit: string): Promise<CircuitKey>
  /**
   * Makes one proof in a process of its own and verifies it.
   * @throws DuckMeshError `UNKNOWN_CIRCUIT`, `BAD_REQUEST` (inputs of another shape, or not below the group order),
   * `WITNESS_REFUSED` (they do not satisfy the circuit), `EXECUTOR_BUSY` (the queue is full), `PROVER_FAILED`,
   * `PROVER_TIMEOUT`, `CANCELLED`, `BAD_CONFIG` (a released key does not fit)
   */
  prove(request: ProveRequest): Promise<ProveRun>
  /** Cancels what runs or waits and ends all processes. May be called more than once. */
  close(): Promise<void>
}
