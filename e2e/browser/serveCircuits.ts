import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buildCircuits } from '@duckmesh/circuits'
import { snarkjsKeySchema } from '@duckmesh/protocol'
import type { ProvableCircuit } from '@duckmesh/sdk/proofs'

/** Circuits as a page names them, and the files that it fetches for them. */
export type ServedCircuits = { circuits: Record<string, ProvableCircuit>; files: Record<string, Uint8Array> }

/** Builds circuits with development keys, to be served under their names. */
export async function serveCircuits(names: string[]): Promise<ServedCircuits> {
  const served: ServedCircuits = { circuits: {}, files: {} }
  for (const { name, wasmPath, zkeyPath, verifyingKey } of await buildCircuits(names)) {
    const file = (url: string, path: string) => {
      const bytes = readFileSync(path)
      served.files[url] = bytes
      return { url, sha256: createHash('sha256').update(bytes).digest('hex') }
    }
    served.circuits[name] = {
      wasm: file(`/${name}.wasm`, wasmPath),
      zkey: file(`/${name}.zkey`, zkeyPath),
      verifyingKey: snarkjsKeySchema.parse(verifyingKey),
    }
  }
  return served
}
