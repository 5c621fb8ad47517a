// `@duckmesh/sdk/proofs/worker`: the script of a Web Worker that makes proofs, see prover.ts. Nothing else imports it, and so
// nothing else loads snarkjs, which is licensed under the GPL.
import { DuckMeshError, snarkjsProofSchema } from '@duckmesh/protocol'
import { verifyProof } from '@duckmesh/protocol/groth16'
import { curves, groth16, wtns } from 'snarkjs'
import type { Proven, WorkerAnswer, WorkerTask } from './workerTask.ts'

/** The worker's own scope, as far as it is used here. */
type WorkerScope = {
  onmessage: ((event: { data: WorkerTask }) => void) | null
  postMessage(answer: WorkerAnswer): void
  /** Where snarkjs looks for a curve before it builds one. */
  curve_bn128: unknown
}
const scope = globalThis as unknown as WorkerScope

/** One thread: those that snarkjs starts are made of `blob:` scripts, which a strict policy refuses, and nobody ends them. */
async function buildCurve(): Promise<void> {
  scope.curve_bn128 ??= await curves.getCurveFromName('bn128', { singleThread: true })
}

async function witnessOf({ circuit, files, inputs }: WorkerTask): Promise<Uint8Array> {
  const file: { type: 'mem'; data?: Uint8Array } = { type: 'mem' }
  try {
    await wtns.calculate(inputs, files.wasm, file)
  } catch (error) {
    const { message } = error as Error
    if (message.includes('Assert Failed'))
      throw new DuckMeshError('WITNESS_REFUSED', `The inputs do not satisfy ${circuit}.`, { circuit })
    throw new DuckMeshError('BAD_REQUEST', `The inputs are not those of ${circuit}.`, { issues: [message] })
  }
  return file.data!
}

async function prove(task: WorkerTask): Promise<Proven> {
  await buildCurve()
  const startedMs = performance.now()
  const witness = await witnessOf(task)
  const witnessedMs = performance.now()
  const made = await groth16.prove(task.files.zkey, { type: 'mem', data: witness })
  const provedMs = performance.now()
  const proof = snarkjsProofSchema.parse(made.proof)
  const { publicSignals } = made
  if (!(await verifyProof(task.files.verifyingKey, publicSignals, proof))) {
    const { circuit } = task
    const message = `The proof of ${circuit} does not hold: its keys are not of one set-up.`
    throw new DuckMeshError('PROVER_FAILED', message, { circuit })
  }
  return { proof, publicSignals, witnessMs: witnessedMs - startedMs, proveMs: provedMs - witnessedMs }
}

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ proven: await prove(data) })
  } catch (error) {
    const known = error instanceof DuckMeshError ? error : failed(error)
    scope.postMessage({ wire: known.toWire() })
  }
}

function failed(error: unknown): DuckMeshError {
  const message = error instanceof Error ? error.message : String(error)
  return new DuckMeshError('PROVER_FAILED', `The prover failed: ${message}`)
}
