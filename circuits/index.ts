// What other packages may use of the circuits. Compiling and development keys are in keys/build.ts.
export { type Circuit, catalogue, circuitNamed } from './catalogue.ts'
export { contextOf } from './context.ts'
export { FIELD } from './field/field.ts'
export { POSEIDON_MAX_INPUTS, poseidon } from './field/poseidon.ts'
export { type BuiltCircuit, buildCircuits } from './keys/build.ts'
export { type VerifyingKey, verifyingKeyFaults, verifyingKeyHash } from './keys/verifyingKey.ts'
export { type ManifestEntry, readManifest } from './manifest.ts'
export { type AllowedSet, allowedSet } from './predicates/allowedSet.ts'
export { type Compiled, compile } from './toolchain/compile.ts'
export { endProver, type Proven, prove, verify } from './toolchain/prove.ts'
export { brokenConstraints, readR1cs } from './toolchain/r1cs.ts'
export {
  type CircuitInputs,
  loadWitness,
  readWtns,
  type WitnessOf,
  WitnessRefused,
  WTNS_HEADER_BYTES,
  wtnsFile,
} from './toolchain/witness.ts'
export {
  HIDDEN_CIRCUIT,
  type HiddenModel,
  hiddenModelText,
  hideModel,
  readHiddenModel,
} from './zkml/hiddenModel.ts'
export { infer, type Model } from './zkml/model.ts'
export { loadModel } from './zkml/models/index.ts'
export { PACKED_CIRCUIT, PACKED_WEIGHTS, type PackedModel, packModel, readModel } from './zkml/packedModel.ts'
export {
  commitModel,
  commitValues,
  digest,
  digitsShape,
  type PackedShape,
  packWeights,
} from './zkml/packing.ts'
