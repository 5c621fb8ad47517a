import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { DuckMeshError } from '@duckmesh/protocol'
import { ProcessEnded } from './processEnded.ts'
import type { Proved } from './tasks.ts'

/** Status bytes of an answer; native/prover/fault.hpp. */
const FAULTS: Record<number, string> = {
  3: 'BAD_KEY',
  4: 'BAD_WITNESS',
  6: 'NO_MEMORY',
  7: 'NO_FILE',
  8: 'INTERNAL',
}
const ELEMENT_BYTES = 32
/** Status, two times, eight coordinates. */
const SIGNALS_AT = 1 + 8 + 8 * ELEMENT_BYTES
/** Longest answer: a key has some hundred public signals. */
const MAX_ANSWER_BYTES = 16 * 2 ** 20

/** The native program in its `serve` mode. One call at a time; killing it ends the call with `ProcessEnded`. */
export class NativeProcess {
  readonly #child: ChildProcessWithoutNullStreams
  #waiting: { resolve(answer: Buffer): void; reject(error: Error): void } | undefined
  #received: Buffer[] = []
  #errors = ''
  #ended: ProcessEnded | undefined

  /**
   * @param path of the program
   * @param memoryMiB most memory that it may use; beyond it a call fails
   */
  constructor(path: string, memoryMiB: number) {
    this.#child = spawn(path, ['serve', String(memoryMiB)])
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-500)
    })
    // a pipe that breaks is told by the exit that broke it
    this.#child.stdin.on('error', (error) => this.#end(error.message))
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
   * Proves with the program; see native/prover/serve.hpp for the frames.
   * @param wtns bytes of a `.wtns` file
   * @throws DuckMeshError `PROVER_FAILED` with `details.fault`; `ProcessEnded`
   */
  async prove(zkeyPath: string, wtns: Uint8Array): Promise<Proved> {
    const path = Buffer.from(zkeyPath)
    const head = Buffer.alloc(6)
    head.writeUInt32LE(2 + path.length + wtns.length, 0)
    head.writeUInt16LE(path.length, 4)
    const answer = await new Promise<Buffer>((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      this.#waiting = { resolve, reject }
      for (const part of [head, path, wtns]) this.#child.stdin.write(part)
    })
    const [status] = answer
    if (status === 0) return readProved(answer)
    const message = answer.toString('utf8', 1, 300)
    throw new DuckMeshError('PROVER_FAILED', message, { fault: FAULTS[status!] ?? 'INTERNAL' })
  }

  kill(): void {
    this.#child.kill('SIGKILL')
    this.#end('SIGKILL')
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk)
    const bytes = Buffer.concat(this.#received)
    this.#received = [bytes]
    if (bytes.length < 4) return
    const end = 4 + bytes.readUInt32LE(0)
    if (end > MAX_ANSWER_BYTES || bytes.length > end) this.kill()
    else if (bytes.length === end) {
      this.#received = []
      this.#take()?.resolve(bytes.subarray(4))
    }
  }

  #take() {
    const waiting = this.#waiting
    this.#waiting = undefined
    return waiting
  }

  #end(how: string): void {
    this.#ended ??= new ProcessEnded('The native prover', how, this.#errors)
    this.#take()?.reject(this.#ended)
  }
}

function readProved(answer: Buffer): Proved {
  const element = (at: number) => {
    const bytes = Buffer.from(answer.subarray(at, at + ELEMENT_BYTES)).reverse()
    return BigInt(`0x${bytes.toString('hex')}`).toString()
  }
  const coordinate = (index: number) => element(9 + ELEMENT_BYTES * index)
  const signals = (answer.length - SIGNALS_AT) / ELEMENT_BYTES
  return {
    proof: {
      pi_a: [coordinate(0), coordinate(1), '1'],
      pi_b: [
        [coordinate(2), coordinate(3)],
        [coordinate(4), coordinate(5)],
        ['1', '0'],
      ],
      pi_c: [coordinate(6), coordinate(7), '1'],
    },
    publicSignals: Array.from({ length: signals }, (_, index) => element(SIGNALS_AT + ELEMENT_BYTES * index)),
    proveMs: answer.readUInt32LE(1) / 1_000,
    proveCpuMs: answer.readUInt32LE(5) / 1_000,
  }
}
