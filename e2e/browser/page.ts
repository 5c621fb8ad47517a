// The page of the tests and of the benchmark: the SDK as a page would use it, with answers that cross into Node.
import {
  createProver,
  DuckMeshError,
  jobIdOf,
  keyBytes,
  keyIdOf,
  type MeshDomain,
  type Order,
  type ProvableCircuit,
  type ProveRequest,
  type Prover,
  type ProvingWorker,
  type ReceiptEvidence,
  receiptFailures,
  type SignedReceipt,
  type SnarkjsKey,
  verifyProof,
  verifyProofs,
} from '@duckmesh/sdk/proofs'

/** What came of a call: errors keep their code on the way into Node. */
export type Outcome<Value> = { value: Value } | { code: string; message: string }

async function outcome<Value>(call: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { value: await call() }
  } catch (error) {
    const { code, message } = DuckMeshError.from(error)
    return { code, message }
  }
}

declare const Worker: new (url: string, options: { type: 'module' }) => ProvingWorker

let prover: Prover | undefined

const api = {
  verify: (...call: Parameters<typeof verifyProof>) => outcome(() => verifyProof(...call)),
  verifyTogether: (key: SnarkjsKey, items: Parameters<typeof verifyProofs>[1]) =>
    outcome(() => verifyProofs(key, items)),
  keyIdOf: (key: SnarkjsKey) => keyIdOf(keyBytes(key)),
  jobIdOf: (domain: MeshDomain, order: Order) => jobIdOf(domain, order),
  receiptFailures: (receipt: SignedReceipt, evidence: ReceiptEvidence) => receiptFailures(receipt, evidence),
  openProver: (circuits: Record<string, ProvableCircuit>, workerUrl: string) => {
    prover = createProver({ circuits, startWorker: () => new Worker(workerUrl, { type: 'module' }) })
  },
  prove: (request: ProveRequest) => outcome(() => prover!.prove(request)),
  /** Cancels after that many milliseconds. */
  cancel: (request: ProveRequest, afterMs: number) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), afterMs)
    return outcome(() => prover!.prove({ ...request, signal: controller.signal }))
  },
  closeProver: () => prover!.close(),
}
export type PageApi = typeof api

Object.assign(globalThis, { duckmesh: api })
