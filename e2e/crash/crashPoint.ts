import { readFileSync, rmSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

/** A signal that goes out when a process passes a stage. */
export type CrashPoint = {
  stage: string
  /** @default 'SIGKILL' */
  signal?: 'SIGKILL' | 'SIGSTOP'
  /** Who gets it. @default the process itself */
  pid?: number
}

/** Longer than a signal needs to arrive: nothing else happens in the process meanwhile. */
const DELIVERY_MS = 250

const pathIn = (dataDir: string): string => join(dataDir, 'crash-point.json')

/** Sets the next crash of the process with this data folder, whether it runs already or not. */
export async function armCrash(dataDir: string, point: CrashPoint): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  await writeFile(`${pathIn(dataDir)}.new`, JSON.stringify(point))
  await rename(`${pathIn(dataDir)}.new`, pathIn(dataDir)) // a running process never reads half of it
}

/**
 * Makes the `observe` hook of a service: it crashes the first time that an armed stage is passed, exactly there, and
 * never again until somebody arms it anew.
 */
export function crashHook(dataDir: string): (stage: string) => void {
  return (stage) => {
    const point = readPoint(pathIn(dataDir))
    if (point?.stage !== stage) return
    rmSync(pathIn(dataDir))
    process.kill(point.pid ?? process.pid, point.signal ?? 'SIGKILL')
    // this thread stands still until the signal has come, so that the stage is the last thing that happened
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DELIVERY_MS)
  }
}

function readPoint(path: string): CrashPoint | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
