// A process of its own, started by circuitShelf.ts: it compiles one circuit, finds or makes its keys, and answers once.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import {
  buildCircuits,
  circuitNamed,
  compile,
  readManifest,
  type VerifyingKey,
  verifyingKeyFaults,
} from '@duckmesh/circuits'
import { DuckMeshError, type SnarkjsKey, snarkjsKeySchema, type WireError } from '@duckmesh/protocol'
import type { CircuitFiles } from './circuitShelf.ts'

/** What is asked for. */
export type PrepareRequest = { circuit: string; keysFolder: string | undefined }

/** The answer: files, or a typed error. */
export type PreparedCircuit = { files: CircuitFiles } | { wire: WireError }

async function prepare({ circuit, keysFolder }: PrepareRequest): Promise<CircuitFiles> {
  if (keysFolder === undefined) {
    const [built] = await buildCircuits([circuit])
    const { r1csPath, wasmPath, zkeyPath, verifyingKey, setup } = built!
    return {
      circuit,
      r1csPath,
      wasmPath,
      zkeyPath,
      verifyingKey: snarkjsKeySchema.parse(verifyingKey),
      setup,
    }
  }
  const { r1csPath, wasmPath } = await compile(circuit, circuitNamed(circuit).main())
  const zkeyPath = join(keysFolder, `${circuit}.zkey`)
  const verifyingKey = releasedKey(join(keysFolder, `${circuit}.json`), circuit)
  return { circuit, r1csPath, wasmPath, zkeyPath, verifyingKey, setup: 'ceremony' }
}

function releasedKey(path: string, circuit: string): SnarkjsKey {
  const refuse = (fault: string, cause?: unknown) =>
    new DuckMeshError('BAD_CONFIG', `${path}: ${fault}`, { setting: 'PROVER_KEYS', circuit }, { cause })
  let key: VerifyingKey
  try {
    key = JSON.parse(readFileSync(path, 'utf8')) as VerifyingKey
  } catch (cause) {
    throw refuse('is not there or no JSON.', cause)
  }
  const parsed = snarkjsKeySchema.safeParse(key)
  if (!parsed.success) throw refuse('is no verifying key.', parsed.error)
  const [fault] = verifyingKeyFaults(key, readManifest()[circuit]!.publicSignals)
  if (fault !== undefined) throw refuse(fault)
  return parsed.data
}

process.once('message', async (request: PrepareRequest) => {
  let answer: PreparedCircuit
  try {
    answer = { files: await prepare(request) }
  } catch (error) {
    const { code, message, details } = DuckMeshError.from(error)
    const known = code === 'INTERNAL' ? new DuckMeshError('PROVER_FAILED', message, details) : error
    answer = { wire: (known as DuckMeshError).toWire() }
  }
  process.send!(answer)
})
process.once('disconnect', () => process.exit())
