import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { dirname } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import { endWithParent } from './warden.ts'

/** How to run a service as a process of its own. */
export type ServiceSpec = {
  name: string
  command: string
  args: string[]
  env?: Record<string, string>
  /** Everything that it prints. */
  logFile: string
  /** Tells from one line of output that it is up; gives what the line says. */
  readyWhen(line: string): Record<string, unknown> | undefined
  readyTimeoutMs: number
}

/** A service that runs. */
export type Service = {
  name: string
  pid: number
  /** What its ready line said. */
  ready: Record<string, unknown>
  isAlive(): boolean
  /** Resolves when the process has ended, however it did. */
  exited: Promise<void>
  /** Asks it to end, and ends it after `graceMs`. */
  stop(graceMs?: number): Promise<void>
  /** Ends it at once (SIGKILL), as a crash would. */
  kill(): Promise<void>
}

/**
 * Starts a service and waits until it says that it is up.
 * @throws DuckMeshError `SERVICE_UNAVAILABLE` with the end of its log when it ends early or stays silent
 */
export async function startService(spec: ServiceSpec): Promise<Service> {
  await mkdir(dirname(spec.logFile), { recursive: true })
  const log = createWriteStream(spec.logFile, { flags: 'a' })
  await once(log, 'open')
  // a process group of its own: Ctrl-C reaches this process alone, which then ends the services in order
  const child = spawn(spec.command, spec.args, {
    detached: true,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...spec.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const killWithParent = () => child.kill('SIGKILL')
  process.once('exit', killWithParent)
  const forget = child.pid === undefined ? undefined : endWithParent(child.pid)
  void exited.then(() => {
    process.off('exit', killWithParent)
    forget?.()
    log.end()
  })
  const ready = await waitUntilReady(spec, child, exited)
  // whoever wants to live as long as the service awaits `exited`; a failed test must not hang on it
  child.unref()
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref()
  const isAlive = () => child.exitCode === null && child.signalCode === null
  return {
    name: spec.name,
    pid: child.pid!,
    ready,
    isAlive,
    exited,
    stop: async (graceMs = 5_000) => {
      if (!isAlive()) return
      child.ref() // this process may not run out of work while it waits
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
    kill: async () => {
      if (!isAlive()) return
      child.ref()
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function waitUntilReady(
  spec: ServiceSpec,
  child: ChildProcess,
  exited: Promise<void>,
): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
  let rest = ''
  const read = (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const ready = spec.readyWhen(line)
      if (ready) resolve(ready)
    }
  }
  child.stdout!.on('data', read)
  const refuse = async (what: string) => {
    const log = await readFile(spec.logFile, 'utf8').catch(() => '')
    const tail = log.trimEnd().split('\n').slice(-8).join('\n')
    reject(new DuckMeshError('SERVICE_UNAVAILABLE', `${spec.name} ${what}.`, { logFile: spec.logFile, tail }))
  }
  const timer = setTimeout(
    () => void refuse(`was not up after ${spec.readyTimeoutMs / 1_000} s`),
    spec.readyTimeoutMs,
  )
  void exited.then(() => refuse('ended before it was up'))
  try {
    return await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    clearTimeout(timer)
    child.stdout!.off('data', read)
  }
}

/** Ready when a JSON log line has this message; gives the whole line. */
export const readyOnMessage =
  (message: string) =>
  (line: string): Record<string, unknown> | undefined => {
    if (!line.includes(`"${message}"`)) return undefined
    const entry = JSON.parse(line) as Record<string, unknown>
    return entry.msg === message ? entry : undefined
  }
