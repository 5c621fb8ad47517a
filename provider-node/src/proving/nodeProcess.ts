import { type ChildProcess, fork } from 'node:child_process'
import { DuckMeshError } from '@duckmesh/protocol'
import { ProcessEnded } from './processEnded.ts'
import type { Task, TaskAnswer, Tasks } from './tasks.ts'

/** A Node process that runs worker.ts. One call at a time; killing it ends the call with `ProcessEnded`. */
export class NodeProcess {
  readonly #child: ChildProcess
  #waiting: { resolve(answer: TaskAnswer): void; reject(error: Error): void } | undefined
  #ended: ProcessEnded | undefined
  /** Memory after the last call. */
  residentBytes = 0

  /** @param heapMiB most that its JavaScript may use; beyond it the process ends */
  constructor(heapMiB: number) {
    this.#child = fork(new URL('worker.ts', import.meta.url), {
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${heapMiB}`, '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (answer: TaskAnswer) => {
      this.residentBytes = answer.residentBytes
      this.#take()?.resolve(answer)
    })
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('exit', (code, signal) => this.#end(signal ?? `code ${code}`))
  }

  get isAlive(): boolean {
    return this.#ended === undefined
  }

  /** Process id, for whoever measures or kills it. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * Runs one task.
   * @throws DuckMeshError as the task does, `ProcessEnded` when the process ends before it has answered
   */
  async call<Name extends keyof Tasks>(task: Extract<Task, { does: Name }>): Promise<Tasks[Name]['value']> {
    const answer = await new Promise<TaskAnswer>((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      this.#waiting = { resolve, reject }
      this.#child.send(task)
    })
    if ('wire' in answer) throw DuckMeshError.fromWire(answer.wire)
    return answer.value as Tasks[Name]['value']
  }

  kill(): void {
    this.#child.kill('SIGKILL')
    this.#end('SIGKILL')
  }

  #take() {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  #end(how: string): void {
    this.#ended ??= new ProcessEnded('The proving process', how)
    this.#take()?.reject(this.#ended)
  }
}
