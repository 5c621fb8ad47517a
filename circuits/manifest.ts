// Writes manifest.json: `node manifest.ts`. A change of any line of it is a change of a circuit, and of its keys.
import { readFileSync, writeFileSync } from 'node:fs'
import { catalogue } from './catalogue.ts'
import { compile, sha256 } from './toolchain/compile.ts'
import { domainBits, nonZeros, publicCount, readR1cs } from './toolchain/r1cs.ts'

/** What is recorded of a circuit; the compiler gives the same bytes on every machine. */
export interface ManifestEntry {
  r1csSha256: string
  constraints: number
  /** log2 of the Groth16 domain. */
  domainBits: number
  /** Factors in all sums. */
  nonZeros: number
  wires: number
  publicSignals: number
}

/** Where the manifest is kept. */
export const manifestUrl = new URL('manifest.json', import.meta.url)

/** @returns the committed manifest: entries by circuit name */
export const readManifest = (): Record<string, ManifestEntry> =>
  JSON.parse(readFileSync(manifestUrl, 'utf8')) as Record<string, ManifestEntry>

/** Compiles a circuit and says what it is. */
export async function measure(name: string, main: string): Promise<ManifestEntry> {
  const { r1csPath } = await compile(name, main)
  const file = readFileSync(r1csPath)
  const r1cs = readR1cs(file)
  return {
    r1csSha256: sha256(file),
    constraints: r1cs.constraints.length,
    domainBits: domainBits(r1cs),
    nonZeros: nonZeros(r1cs),
    wires: r1cs.wireCount,
    publicSignals: publicCount(r1cs),
  }
}

if (import.meta.main) {
  const manifest: Record<string, ManifestEntry> = {}
  for (const { name, main } of catalogue) manifest[name] = await measure(name, main())
  writeFileSync(manifestUrl, `${JSON.stringify(manifest, null, 2)}\n`)
}
