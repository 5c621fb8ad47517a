import { DuckMeshError, type SnarkjsKey } from '@duckmesh/protocol'
import type { Fetch } from '../transport/requestJson.ts'

/** Most bytes of one file; the largest circuit that a page proves at ease has 3 MB. */
const MAX_BYTES = 64 * 2 ** 20

/** A file that a page serves, and what it must be. */
export type CircuitFile = {
  /** Absolute, or relative to the page. */
  url: string
  /** SHA-256 of the bytes, 64 hex digits, from where the circuit was built. */
  sha256: string
}

/** What it takes to prove with one circuit. */
export type ProvableCircuit = {
  /** Witness generator, as the circuit's compiler makes it. */
  wasm: CircuitFile
  /** Proving key. */
  zkey: CircuitFile
  /** Verifying key of the same set-up: proofs are checked by it before they are given out. */
  verifyingKey: SnarkjsKey
}

/** The same with the bytes of the files. */
export type LoadedCircuit = { wasm: Uint8Array; zkey: Uint8Array; verifyingKey: SnarkjsKey }

/**
 * Fetches the files of a circuit.
 * @throws DuckMeshError `SERVICE_UNAVAILABLE` when one does not come, `CIRCUIT_CORRUPT` when it is another than it should be
 */
export async function loadCircuit(
  { wasm, zkey, verifyingKey }: ProvableCircuit,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<LoadedCircuit> {
  const [generator, provingKey] = await Promise.all([
    fetchFile(wasm, fetch, signal),
    fetchFile(zkey, fetch, signal),
  ])
  return { wasm: generator, zkey: provingKey, verifyingKey }
}

async function fetchFile(
  { url, sha256 }: CircuitFile,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = await fetchBytes(url, fetch, signal)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (found === sha256.toLowerCase()) return bytes
  const message = `${url} is not the file of this circuit.`
  throw new DuckMeshError('CIRCUIT_CORRUPT', message, { url, expected: sha256, found })
}

async function fetchBytes(url: string, fetch: Fetch, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || response.body === null) throw new Error(`status ${response.status}`)
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      length += value.length
      if (length > MAX_BYTES) {
        await reader.cancel()
        throw new DuckMeshError('CIRCUIT_CORRUPT', `${url} is too long.`, { url, limitBytes: MAX_BYTES })
      }
    }
  } catch (cause) {
    if (cause instanceof DuckMeshError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DuckMeshError('SERVICE_UNAVAILABLE', `${url} did not come: ${reason}.`, { url }, { cause })
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}
