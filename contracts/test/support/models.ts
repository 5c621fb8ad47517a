import { readFile } from 'node:fs/promises'
import type { BaseContract, ContractMethod } from 'ethers'
import {
  buildCircuits,
  commitValues,
  loadModel,
  loadWitness,
  PACKED_CIRCUIT,
  PACKED_WEIGHTS,
  packModel,
  prove,
} from '../../../circuits/index.ts'
import { mnist } from '../../../circuits/zkml/training/mnist.ts'
import { contextOf, type Groth16Claim } from '../../../protocol/src/groth16/claim.ts'
import {
  type Architecture,
  type ArchitectureKey,
  architectureIdOf,
  architectureOf,
  modelIdOf,
} from '../../../protocol/src/groth16/model.ts'
import { wordsOfProof } from '../../../protocol/src/groth16/proof.ts'
import { keyBytes, type SnarkjsKey, snarkjsKeySchema } from '../../../protocol/src/groth16/verifyingKey.ts'
import type { Hex } from './groth16.ts'
import { ethers } from './mesh.ts'

type Names =
  | 'registerKey'
  | 'storeBasis'
  | 'basisOf'
  | 'keyOf'
  | 'addWeights'
  | 'registerHidden'
  | 'modelOf'
  | 'hiddenModelOf'
  | 'draftOf'
  | 'verify'
  | 'proofSystem'
  | 'supportsInterface'
  | 'connect'
export type Registry = BaseContract & Record<Names, ContractMethod>

/** The `digits-packed` circuit under a key that was made on this machine. */
export type PackedCircuit = {
  verifyingKey: SnarkjsKey
  architecture: ArchitectureKey
  /** As `addWeights` takes it. */
  tuple: Architecture
  architectureId: Hex
  /** Of the digit classifier that ships. */
  weights: bigint[]
  prove(ctx: bigint, weights: bigint[]): Promise<{ words: bigint[]; signals: bigint[] }>
}

export const METADATA = ethers.id('digits') as Hex
export const SALT = 12_345_678_901_234_567_890n
/** Weights of the first part. */
export const FIRST = 383
const PIXELS = 14 * 14

/** The first image of the test set. */
export const pixels = Array.from(mnist('t10k', 14).pixels.subarray(0, PIXELS))
export const request = [commitValues(pixels, 4, SALT)]

export async function packedCircuit(): Promise<PackedCircuit> {
  const [built] = await buildCircuits([PACKED_CIRCUIT])
  if (!built) throw new Error('No circuit was built')
  const witnessOf = await loadWitness(await readFile(built.wasmPath))
  const zkey = await readFile(built.zkeyPath)
  const verifyingKey = snarkjsKeySchema.parse(built.verifyingKey)
  const architecture = architectureOf(verifyingKey, PACKED_WEIGHTS)
  const { weights, inputs } = packModel(loadModel('digits'))
  const firstLayer = inputs.weights1.length
  return {
    verifyingKey,
    architecture,
    tuple: { keyId: architecture.keyId, basisIds: architecture.basisIds },
    architectureId: architectureIdOf(architecture),
    weights,
    prove: async (ctx, given) => {
      const [weights1, weights2] = [given.slice(0, firstLayer), given.slice(firstLayer)]
      const witness = witnessOf({ ctx, weights1, weights2, pixels, salt: SALT })
      const { proof, publicSignals } = await prove(zkey, witness)
      return { words: wordsOfProof(proof as never), signals: publicSignals.map(BigInt) }
    },
  }
}

/** A registry that has the parts of the circuit's key and no model. */
export async function registryOf({ architecture }: PackedCircuit): Promise<Registry> {
  const registry = (await ethers.deployContract('ModelRegistry')) as unknown as Registry
  await registry.registerKey(keyBytes(architecture.head))
  for (const points of architecture.bases) await registry.storeBasis(points)
  return registry
}

/** Registers weights at once. @returns the id of the model */
export async function register(
  registry: Registry,
  { tuple }: PackedCircuit,
  weights: bigint[],
  metadataHash = METADATA,
): Promise<Hex> {
  await registry.addWeights(tuple, metadataHash, 0, weights)
  return modelIdOf(tuple, weights, metadataHash)
}

/** What a provider brings for a job about a model: a proof made with these weights. */
export async function modelClaim(
  circuit: PackedCircuit,
  modelId: Hex,
  weights: bigint[],
  overrides: Partial<Groth16Claim> = {},
): Promise<Groth16Claim> {
  const taskId: Hex = overrides.taskId ?? `0x${'a1'.repeat(32)}`
  const agentId: Hex = overrides.agentId ?? `0x${'00'.repeat(31)}05`
  const { words, signals } = await circuit.prove(contextOf(taskId, agentId), weights)
  const claim = { taskId, agentId, modelId, policy: ethers.id('policy') as Hex, request }
  return { ...claim, proof: words, results: signals.slice(0, 1), ...overrides }
}
