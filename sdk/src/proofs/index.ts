// `@duckmesh/sdk/proofs`: what a page needs to check proofs and statements of a mesh without any server, and to make small
// proofs itself. Apart from the SDK's index, so that a page which verifies nothing does not load a pairing.
export {
  agentIdOf,
  contextOf,
  DuckMeshError,
  jobIdOf,
  keyBytes,
  keyIdOf,
  keyOfBytes,
  type MeshDomain,
  type Order,
  orderSchema,
  proofOfWords,
  type ReceiptEvidence,
  receiptFailures,
  type SignedReceipt,
  type SnarkjsKey,
  type SnarkjsProof,
  signedReceiptSchema,
  snarkjsKeySchema,
  snarkjsProofSchema,
  wordsOfProof,
} from '@duckmesh/protocol'
export { type ProofFault, type ProofItem, verifyProof, verifyProofs } from '@duckmesh/protocol/groth16'
export {
  type DeliveredProof,
  judgeProof,
  type ProofJudgement,
  readVerifyingKey,
} from '@duckmesh/protocol/proving'
export type { CircuitFile, ProvableCircuit } from './circuitFiles.ts'
export { createProver, type ProveRequest, type Prover, type ProverParameters } from './prover.ts'
export type { Proven, ProvingWorker } from './workerTask.ts'
