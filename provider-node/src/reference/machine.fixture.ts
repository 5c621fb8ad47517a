// A process with a CPU library of its own that answers requests and replays answers: a second machine on this one.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ExecutionProfile, ReplayBody, ReplayFacts, StreamRequest } from '@duckmesh/protocol'

/** An answer of a machine, as a buyer would hold it. */
export type MachineAnswer = Omit<ReplayBody, 'stream'> & { tookMs: number }

/** What a machine can be asked. */
export type MachineCalls = {
  profile(model: string): ExecutionProfile
  /** Answers requests, all at once. */
  answer(model: string, requests: StreamRequest[]): MachineAnswer[]
  replay(model: string, body: Omit<ReplayBody, 'stream'>): { facts: ReplayFacts; tookMs: number }
  /** Text that tokens make after a prompt. */
  text(model: string, prompt: string, tokens: number[]): string
  /** Tokens of a text that goes on with another. */
  tokens(model: string, text: string): number[]
}

export type Machine = {
  call<Name extends keyof MachineCalls>(
    name: Name,
    ...parameters: Parameters<MachineCalls[Name]>
  ): Promise<ReturnType<MachineCalls[Name]>>
  close(): void
}

export type MachineOptions = {
  /** Which library of the engine is used, e.g. `haswell`; that which the engine chooses when left out. */
  kernelLibrary?: string | undefined
  /** See LlamaExecutorOptions. */
  threads?: number | undefined
}

/** Starts a machine. */
export function startMachine({ kernelLibrary = '', threads }: MachineOptions = {}): Machine {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
  const child: ChildProcess = fork(path('./machineProcess.fixture.ts'), {
    execArgv: ['--import', path('./kernelLibrary.fixture.ts')],
    env: {
      ...process.env,
      KERNEL_LIBRARY: kernelLibrary,
      THREADS: threads === undefined ? '' : `${threads}`,
    },
    serialization: 'advanced',
  })
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let calls = 0
  child.on('message', ({ id, result, error }: { id: number; result: never; error?: string }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The machine ended with code ${code}.`))
  })
  return {
    call: (name, ...parameters) =>
      new Promise((resolve, reject) => {
        calls += 1
        waiting.set(calls, { resolve, reject })
        child.send({ id: calls, name, parameters })
      }),
    close: () => child.disconnect(),
  }
}
