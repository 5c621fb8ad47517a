import { type Address, concat, encodeAbiParameters, type Hex, keccak256, toHex } from 'viem'
import { wordsOfG1 } from './proof.ts'
import { keyBytes, keyIdOf, type SnarkjsKey } from './verifyingKey.ts'

/** Weights of one part of an architecture; the last part has what is left. */
const POINTS_PER_BASIS = 383

/** What the weights of a model are public inputs of, as `ModelRegistry` takes it. */
export type Architecture = { keyId: Hex; basisIds: readonly Hex[] }

/** The verifying key of a circuit whose last public inputs are weights, in the parts that the chain keeps. */
export type ArchitectureKey = Architecture & {
  /** The key up to the context. */
  head: SnarkjsKey
  /** Points of the weights, as `storeBasis` takes them. */
  bases: readonly Hex[]
  weightCount: number
}

/**
 * Takes the verifying key of a circuit apart into a head, which is the key of all its models, and the points of the weights.
 * @param key of the whole circuit
 * @param weightCount public inputs at its end that are weights
 * @throws RangeError when the key has not more inputs than weights
 * @example architectureOf(verifyingKey, 425) // digits-packed: class, inputCommitment, ctx, then 425 weights
 */
export function architectureOf(key: SnarkjsKey, weightCount: number): ArchitectureKey {
  const headCount = key.IC.length - weightCount
  if (weightCount < 1 || headCount < 2)
    throw new RangeError(`A key with ${key.IC.length - 1} inputs has no ${weightCount} weights at their end.`)
  const head = { ...key, IC: key.IC.slice(0, headCount) }
  const points = key.IC.slice(headCount)
  const bases = basisPartsOf(points).map((part) =>
    concat(part.flatMap(wordsOfG1).map((word) => toHex(word, { size: 32 }))),
  )
  // points are kept as keys are: as the code of a contract, under the hash of what makes it
  return { head, bases, weightCount, keyId: keyIdOf(keyBytes(head)), basisIds: bases.map(keyIdOf) }
}

/** Id of an architecture: it names every point of the circuit's key, and which of them are weights. */
export const architectureIdOf = ({ keyId, basisIds }: Architecture): Hex =>
  keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes32[]' }], [keyId, basisIds]))

/**
 * Hash of the weights of a model, part by part, as the chain takes them in.
 * @param weights field elements in the circuit's order
 */
export const weightsHashOf = (weights: readonly bigint[]): Hex =>
  basisPartsOf(weights).reduce<Hex>(
    (hash, part) => keccak256(concat([hash, ...part.map((weight) => toHex(weight, { size: 32 }))])),
    toHex(0, { size: 32 }),
  )

/**
 * Id of a model with public weights: `order.modelId` of its proofs. The same on every chain.
 * @param metadataHash of whatever describes the model
 */
export function modelIdOf(architecture: Architecture, weights: readonly bigint[], metadataHash: Hex): Hex {
  const words = [architectureIdOf(architecture), weightsHashOf(weights), metadataHash]
  return keccak256(concat(words))
}

/** @returns the list in the parts that the chain takes in at once */
export function basisPartsOf<Item>(list: readonly Item[]): Item[][] {
  const count = Math.ceil(list.length / POINTS_PER_BASIS)
  return Array.from({ length: count }, (_, part) =>
    list.slice(part * POINTS_PER_BASIS, (part + 1) * POINTS_PER_BASIS),
  )
}

/**
 * Id of a hidden model: of a commitment, who claims it, and under which key it is opened.
 * @param model.keyId verifying key of the circuit that opens the commitment
 */
export const hiddenModelIdOf = (model: {
  keyId: Hex
  commitment: bigint
  owner: Address
  metadataHash: Hex
}): Hex =>
  keccak256(
    encodeAbiParameters(
      [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }],
      [model.keyId, model.commitment, model.owner, model.metadataHash],
    ),
  )
