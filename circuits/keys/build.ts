// Makes development keys into build/keys: `node keys/build.ts [name …]`, by default for every circuit that is not large.
import { fork } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { catalogue, circuitNamed } from '../catalogue.ts'
import { BUILD, compile, sha256 } from '../toolchain/compile.ts'
import { keyFolder, type SetUp } from './setUp.ts'
import type { VerifyingKey } from './verifyingKey.ts'

/** Everything to prove and verify with one circuit. */
export interface BuiltCircuit {
  name: string
  r1csSha256: string
  r1csPath: string
  wasmPath: string
  zkeyPath: string
  verifyingKey: VerifyingKey
  /** Where the keys come from: these are for local chains alone. */
  setup: 'dev-insecure'
}

/** Makes the keys of the files in as many processes as the machine has cores, largest files first. */
async function setUp(r1csPaths: string[], keysFolder: string): Promise<void> {
  const waiting = r1csPaths.toSorted((one, other) => statSync(other).size - statSync(one).size)
  const count = Math.min(waiting.length, availableParallelism())
  await Promise.all(
    Array.from({ length: count }, async () => {
      const child = fork(new URL('setUp.ts', import.meta.url))
      try {
        await new Promise<void>((resolve, reject) => {
          const next = () => {
            const r1csPath = waiting.shift()
            if (r1csPath === undefined) resolve()
            else child.send({ r1csPath, keysFolder } satisfies SetUp)
          }
          child.on('message', next)
          child.on('error', reject)
          child.on('exit', (code) => reject(new Error(`A process that made keys ended with code ${code}.`)))
          next()
        })
      } finally {
        child.disconnect()
      }
    }),
  )
}

/**
 * Compiles circuits and makes their development keys, or takes those of an earlier run: they are kept by the hash of the
 * compiled circuit. Keys are drawn anew on each machine, so proofs and verifying keys belong together.
 * @param names of the catalogue; default all that are not large
 * @param keysFolder where keys are kept; default the ignored folder of this package
 */
export async function buildCircuits(
  names: string[] = catalogue.filter(({ large }) => large !== true).map(({ name }) => name),
  keysFolder: string = join(BUILD, 'keys'),
): Promise<BuiltCircuit[]> {
  const compiled = []
  for (const name of names) compiled.push({ name, ...(await compile(name, circuitNamed(name).main())) })
  const hashed = compiled.map((entry) => ({ ...entry, r1csSha256: sha256(readFileSync(entry.r1csPath)) }))
  await setUp(
    hashed
      .filter(({ r1csSha256 }) => !existsSync(keyFolder(keysFolder, r1csSha256)))
      .map(({ r1csPath }) => r1csPath),
    keysFolder,
  )
  return hashed.map(({ name, r1csSha256, r1csPath, wasmPath }) => {
    const folder = keyFolder(keysFolder, r1csSha256)
    const { verifyingKey } = JSON.parse(
      readFileSync(join(folder, 'verifying-key.json'), 'utf8'),
    ) as BuiltCircuit
    const zkeyPath = join(folder, 'circuit.zkey')
    return { name, r1csSha256, r1csPath, wasmPath, zkeyPath, verifyingKey, setup: 'dev-insecure' }
  })
}

if (import.meta.main) {
  const chosen = process.argv.slice(2)
  for (const { name, zkeyPath } of await buildCircuits(chosen.length > 0 ? chosen : undefined)) {
    console.log(`${name}: ${zkeyPath}`)
  }
}
