// Turning (circuit, inputs) into verified Groth16 proofs: `@duckmesh/provider-node/proving`. Apart from the node's index:
// it loads all circuits. `market/` serves proof tasks with it.
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
