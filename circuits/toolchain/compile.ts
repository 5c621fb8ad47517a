import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { poseidonConstantsCircom } from '../field/constants.ts'

/** Folder of this package; includes are resolved inside it, and `build` in it is git-ignored. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Where everything that can be made again is put. */
export const BUILD = join(ROOT, 'build')

/** Files that the compiler made for one circuit. */
export interface Compiled {
  /** SHA-256 of all sources that could matter, hex: compiled files are kept by it. */
  sourceHash: string
  r1csPath: string
  wasmPath: string
}

/** @returns SHA-256 in hex */
export const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex')

/**
 * Compiles a main file, or takes the result of an earlier run on the same sources.
 * @param name of the circuit: letters, digits and dashes
 * @param main text of its main file; includes start with `../gadgets/` and the like
 * @param options.inspect whether a warning of the compiler's inspection is an error; `false` is for circuits that are
 * wrong on purpose
 */
export async function compile(name: string, main: string, { inspect = true } = {}): Promise<Compiled> {
  poseidonConstants ??= poseidonConstantsCircom()
  const constants = poseidonConstants
  const sources = ['gadgets', 'zkml', 'predicates'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.circom'))
      .sort()
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  )
  const sourceHash = sha256([compilerVersion(), constants, main, ...sources].join('\0'))
  const short = sourceHash.slice(0, 16)
  const folder = join(BUILD, 'compiled', short)
  const compiled = { sourceHash, r1csPath: join(folder, 'main.r1cs'), wasmPath: join(folder, 'main.wasm') }
  if (existsSync(folder)) return compiled

  // processes may compile the same circuit at once: each works in its own folder, and the first one to end is kept
  const mine = join(BUILD, `main-${short}-${process.pid}`)
  mkdirSync(mine, { recursive: true })
  mkdirSync(join(BUILD, 'compiled'), { recursive: true })
  replace(join(BUILD, 'poseidon-constants.circom'), constants)
  writeFileSync(`${mine}.circom`, main)
  try {
    const output = await circom([
      relative(ROOT, `${mine}.circom`),
      '--r1cs',
      '--wasm',
      '--O2',
      ...(inspect ? ['--inspect'] : []),
      '--output',
      relative(ROOT, mine),
    ])
    // CA02: the parent has no use for an output, which its subcomponent binds all the same
    const warnings = output.match(/warning\[(?!CA02)[^\n]*/g)
    if (warnings !== null) throw new Error(`${name}: the compiler warns:\n${warnings.join('\n')}`)
    renameSync(join(mine, `${basename(mine)}.r1cs`), join(mine, 'main.r1cs'))
    renameSync(join(mine, `${basename(mine)}_js`, `${basename(mine)}.wasm`), join(mine, 'main.wasm'))
    rmSync(join(mine, `${basename(mine)}_js`), { recursive: true })
    if (!existsSync(folder)) renameSync(mine, folder)
  } finally {
    rmSync(mine, { recursive: true, force: true })
    rmSync(`${mine}.circom`, { force: true })
  }
  return compiled
}

/** Deriving the constants takes a moment; one process does it once. */
let poseidonConstants: string | undefined

const require = createRequire(import.meta.url)

const compilerVersion = (): string => (require('circom2/package.json') as { version: string }).version

/** Runs the compiler in a process of its own. @returns what it printed */
async function circom(args: string[]): Promise<string> {
  const child = spawn(process.execPath, [require.resolve('circom2/cli.js'), ...args], { cwd: ROOT })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0 || !output.includes('Everything went okay')) throw new Error(`circom failed:\n${output}`)
  return output
}

/** Writes a file whole, so that a compiler of another process never reads half of it. */
function replace(path: string, text: string): void {
  const half = `${path}.${process.pid}`
  writeFileSync(half, text)
  renameSync(half, path)
}
