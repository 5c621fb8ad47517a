import type { SnarkjsProof, WireError } from '@duckmesh/protocol'
import type { CircuitFiles } from './circuitShelf.ts'
import type { Statement } from './request.ts'

/** A proof as an engine gives it: not verified yet. */
export type Proved = { proof: SnarkjsProof; publicSignals: string[]; proveMs: number; proveCpuMs: number }

/** What a worker process is told, and what it answers to it. */
export type Tasks = {
  witness: { task: { statement: Statement }; value: Uint8Array }
  prove: { task: { wtns: Uint8Array }; value: Proved }
  check: { task: { proved: Proved; wtns: Uint8Array }; value: undefined }
}

/** One task on its way to a worker process. */
export type Task = {
  [Name in keyof Tasks]: { does: Name; files: CircuitFiles } & Tasks[Name]['task']
}[keyof Tasks]

/** The answer, with the memory that the process has afterwards. */
export type TaskAnswer = ({ value: unknown } | { wire: WireError }) & { residentBytes: number }
