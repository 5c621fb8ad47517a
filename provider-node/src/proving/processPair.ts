import type { CircuitFiles } from './circuitShelf.ts'
import { NativeProcess } from './nativeProcess.ts'
import { NodeProcess } from './nodeProcess.ts'
import type { Engine, ProveRun, ProvingStage } from './prover.ts'
import type { Statement } from './request.ts'

/** How the processes of a pair are started. */
export type PairOptions = {
  /** Path of the native program, where there is one. */
  nativePath: string | undefined
  /** Most memory of each process. */
  memoryMiB: number
}

/** The processes that make one proof at a time: Node for witness and check, and Node or the native program to prove. */
export class ProcessPair {
  readonly #options: PairOptions
  readonly #node: NodeProcess
  #native: NativeProcess | undefined

  constructor(options: PairOptions) {
    this.#options = options
    this.#node = new NodeProcess(options.memoryMiB)
  }

  /** Whether the next proof may be made here: no process ended, and none has grown beyond its limit. */
  get isUsable(): boolean {
    const isSmall = this.#node.residentBytes <= this.#options.memoryMiB * 2 ** 20
    return this.#node.isAlive && isSmall && this.#native?.isAlive !== false
  }

  /** Ids of its processes. */
  get processIds(): number[] {
    return [this.#node.pid, this.#native?.pid].filter((pid) => pid !== undefined)
  }

  /**
   * Makes one proof and verifies it.
   * @throws DuckMeshError `BAD_REQUEST`, `WITNESS_REFUSED`, `PROVER_FAILED`; `ProcessEnded` when a process ends on the way
   */
  async prove(
    files: CircuitFiles,
    statement: Statement,
    engine: Engine,
    onStage: (stage: ProvingStage) => void,
  ): Promise<ProveRun> {
    onStage('witness')
    const startedMs = performance.now()
    const wtns = await this.#node.call({ does: 'witness', files, statement })
    const witnessMs = performance.now() - startedMs
    onStage('proving')
    const proved =
      engine === 'native'
        ? await this.#nativeProcess().prove(files.zkeyPath, wtns)
        : await this.#node.call({ does: 'prove', files, wtns })
    onStage('checking')
    await this.#node.call({ does: 'check', files, proved, wtns })
    return { ...proved, provedBy: engine, witnessMs }
  }

  kill(): void {
    this.#node.kill()
    this.#native?.kill()
  }

  #nativeProcess(): NativeProcess {
    const { nativePath, memoryMiB } = this.#options
    if (nativePath === undefined) throw new TypeError('There is no native program.')
    this.#native ??= new NativeProcess(nativePath, memoryMiB)
    return this.#native
  }
}
