import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** Sources of the native prover. */
export const NATIVE_SOURCES = fileURLToPath(new URL('../../native/prover/', import.meta.url))

/** Where builds are kept, by the hash of what they are made of; ignored by git. */
const BUILDS = fileURLToPath(new URL('../../build/native/', import.meta.url))

/** Longest time for the compiler. */
const BUILD_TIMEOUT_MS = 300_000

/** A program that can be started, or why there is none. */
export type NativeBuild = { path: string; fast: boolean } | { missing: string }

/** How to build; the defaults are for this machine. */
export type NativeBuildOptions = {
  compiler?: string
  /** Whether to use the instructions of CPUs with AVX2, BMI2 and ADX. */
  fast?: boolean
  /** Folder of the sources. */
  sources?: string
  /** Folder with a file `main.cpp` to build instead of the one of the sources. */
  mainFolder?: string
}

/** @returns whether this CPU has what the fast build needs */
async function hasFastCpu(): Promise<boolean> {
  if (process.arch !== 'x64') return false
  const words = new Set((await readFile('/proc/cpuinfo', 'utf8')).match(/^flags\s*:.*$/m)?.[0].split(/\s+/))
  return ['avx2', 'bmi2', 'adx', 'fma', 'movbe'].every((flag) => words.has(flag))
}

/** Runs a program. @returns its exit code and all that it printed; a code of `undefined` when it cannot be started */
async function run(
  program: string,
  args: string[],
): Promise<{ code: number | null | undefined; output: string }> {
  // not spawn's own timeout, whose timer goes on when the program cannot be started
  const signal = AbortSignal.timeout(BUILD_TIMEOUT_MS)
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-8_000)
    })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: undefined, output: error.message }))
    child.on('close', (code) => resolve({ code, output }))
  })
}

/**
 * Finds the native prover, or builds it where there is a C++ compiler. Never part of an installation: whoever has no
 * compiler has snarkjs.
 */
export async function buildNative(options: NativeBuildOptions = {}): Promise<NativeBuild> {
  const { compiler = 'g++', sources = NATIVE_SOURCES, mainFolder = sources } = options
  if (process.platform !== 'linux') return { missing: 'the native prover runs on Linux alone' }
  const version = await run(compiler, ['--version'])
  if (version.code !== 0) return { missing: `there is no ${compiler}` }
  const fast = options.fast ?? (await hasFastCpu())
  const flags = ['-std=c++17', '-O3', '-pthread', '-Wall', '-Wextra']
  if (fast) flags.push('-march=x86-64-v3', '-DPROVER_ADX')
  const names = (await readdir(sources)).filter((name) => /\.[ch]pp$/.test(name)).sort()
  const files = names.filter((name) => name !== 'main.cpp').map((name) => join(sources, name))
  files.push(join(mainFolder, 'main.cpp'))
  const hash = createHash('sha256').update(JSON.stringify([version.output, flags]))
  for (const file of files) hash.update(await readFile(file)).update('\0')
  const path = join(BUILDS, hash.digest('hex').slice(0, 16), 'prover')
  if (existsSync(path)) return { path, fast }

  // processes may build at once: each in its own folder, and the first one to end is kept
  const mine = join(BUILDS, `${process.pid}-${performance.now()}`)
  try {
    await mkdir(mine, { recursive: true })
    const units = files.filter((name) => name.endsWith('.cpp'))
    const { code, output } = await run(compiler, [
      ...flags,
      `-I${sources}`,
      ...units,
      '-o',
      join(mine, 'prover'),
    ])
    if (code !== 0 || output !== '') return { missing: `${compiler} does not build it:\n${output}` }
    if (!existsSync(path)) await rename(mine, join(path, '..'))
    return { path, fast }
  } catch (error) {
    return { missing: `it cannot be built: ${(error as Error).message}` }
  } finally {
    await rm(mine, { recursive: true, force: true })
  }
}
