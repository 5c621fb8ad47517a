// A process of its own, started by nodeProcess.ts: makes witnesses, proves with snarkjs, and checks proofs. One task at a
// time; what is costly to load is kept for the next.
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import {
  brokenConstraints,
  loadWitness,
  prove,
  readR1cs,
  readWtns,
  type WitnessOf,
  WitnessRefused,
  wtnsFile,
} from '@duckmesh/circuits'
import { DuckMeshError, snarkjsProofSchema } from '@duckmesh/protocol'
import { verifyProof } from '@duckmesh/protocol/groth16'
import type { CircuitFiles } from './circuitShelf.ts'
import type { Statement } from './request.ts'
import type { Proved, Task, TaskAnswer } from './tasks.ts'

/** Proving keys that are kept, in bytes; the one in use is kept in any case. */
const MAX_KEY_BYTES = 128 * 2 ** 20

const witnesses = new Map<string, Promise<WitnessOf>>()
const keys = new Map<string, Uint8Array>()
const checked = new Map<string, CircuitFiles['verifyingKey']>()

/** The result of `make`, made once. */
function kept<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.delete(key) // put last: the first is the one used longest ago
  map.set(key, value)
  return value
}

async function provingKey(path: string): Promise<Uint8Array> {
  const key = keys.get(path) ?? (await readFile(path))
  kept(keys, path, () => key)
  let bytes = [...keys.values()].reduce((sum, { length }) => sum + length, 0)
  for (const [oldest, { length }] of keys) {
    if (bytes <= MAX_KEY_BYTES || oldest === path) break
    keys.delete(oldest)
    bytes -= length
  }
  return key
}

/** @returns the witness as a `.wtns` file */
async function makeWitness({ wasmPath, circuit }: CircuitFiles, statement: Statement): Promise<Uint8Array> {
  try {
    if ('witness' in statement) {
      readWtns(statement.witness)
      return statement.witness
    }
    const loading = kept(witnesses, wasmPath, async () => loadWitness(await readFile(wasmPath)))
    return wtnsFile((await loading)(statement.inputs))
  } catch (error) {
    const { message } = error as Error
    if (error instanceof WitnessRefused) throw new DuckMeshError('WITNESS_REFUSED', message, { circuit })
    if (error instanceof RangeError) throw new DuckMeshError('BAD_REQUEST', message, { issues: [message] })
    throw error
  }
}

async function proveWithSnarkjs({ zkeyPath }: CircuitFiles, wtns: Uint8Array): Promise<Proved> {
  const key = await provingKey(zkeyPath)
  const started = { ms: performance.now(), cpu: process.cpuUsage() }
  const { proof, publicSignals } = await prove(key, readWtns(wtns))
  const { user, system } = process.cpuUsage(started.cpu)
  return {
    proof: snarkjsProofSchema.parse(proof),
    publicSignals,
    proveMs: performance.now() - started.ms,
    proveCpuMs: (user + system) / 1_000,
  }
}

/** Throws unless the proof holds, and says whose fault it is. */
async function check(files: CircuitFiles, { proof, publicSignals }: Proved, wtns: Uint8Array): Promise<void> {
  const { circuit, zkeyPath, r1csPath, verifyingKey } = files
  // one object for one key, so that its points are checked once
  if (
    await verifyProof(
      kept(checked, zkeyPath, () => verifyingKey),
      publicSignals,
      proof,
    )
  )
    return
  const broken = brokenConstraints(readR1cs(await readFile(r1csPath)), readWtns(wtns)).length
  if (broken > 0) {
    const message = `The witness breaks ${broken} constraints of ${circuit}.`
    throw new DuckMeshError('WITNESS_REFUSED', message, { circuit, broken })
  }
  const message = `The proof of ${circuit} does not hold, though its witness does: the proving key is damaged or of another circuit.`
  throw new DuckMeshError('PROVER_FAILED', message, { circuit })
}

async function run(task: Task): Promise<unknown> {
  if (task.does === 'witness') return makeWitness(task.files, task.statement)
  if (task.does === 'prove') return proveWithSnarkjs(task.files, task.wtns)
  return check(task.files, task.proved, task.wtns)
}

process.on('message', async (task: Task) => {
  let answer: TaskAnswer
  try {
    answer = { value: await run(task), residentBytes: process.memoryUsage.rss() }
  } catch (error) {
    const wire = error instanceof DuckMeshError ? error : failed(error)
    answer = { wire: wire.toWire(), residentBytes: process.memoryUsage.rss() }
  }
  process.send!(answer)
})
process.once('disconnect', () => process.exit())

function failed(error: unknown): DuckMeshError {
  const message = error instanceof Error ? error.message : String(error)
  return new DuckMeshError('PROVER_FAILED', `The prover failed: ${message}`)
}
