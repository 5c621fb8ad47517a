// Turning (circuit, inputs) into verified Groth16 proofs: `@duckmesh/provider-node/proving`. Apart from the node's index:
// it loads all circuits. The node's loop does not call it yet.
export { buildNative, type NativeBuild } from './buildNative.ts'
export { createProver } from './createProver.ts'
export type {
  CircuitKey,
  Engine,
  OfferedCircuit,
  ProveRequest,
  ProveRun,
  Prover,
  ProvingStage,
} from './prover.ts'
export { type ProverSettings, proverSettings } from './settings.ts'
