import { type Hex, keccak256, stringToHex } from 'viem'
import { FIELD } from '../field/field.ts'
import type { Model } from './model.ts'
import { readModel } from './packedModel.ts'
import { commitModel, digitsShape, packWeights } from './packing.ts'

/** The circuit of models whose weights stay hidden. */
export const HIDDEN_CIRCUIT = 'digits-hidden'

/** A classifier as the circuit `digits-hidden` takes it. Secret but for commitment and hash. */
export interface HiddenModel {
  name: string
  /** What everybody may know: Poseidon over both layers and the salt. */
  commitment: bigint
  /** What the owner brings into each proof. */
  inputs: { weights1: string[]; weights2: string[]; modelSalt: string }
  /** Of the name; part of the id of the model. */
  metadataHash: Hex
}

/**
 * Commits to a model for the circuit `digits-hidden`.
 * @param salt random, below the order of the field; whoever knows it can test guesses of the weights
 * @throws RangeError when the model has another shape, or for a salt that is none
 */
export function hideModel(model: Model, salt: bigint): HiddenModel {
  if (salt < 0n || salt >= FIELD) throw new RangeError('The salt is not a number of the field.')
  const packed = packWeights(model, digitsShape)
  const [weights1, weights2] = packed.map((layer) => layer.map(String)) as [string[], string[]]
  return {
    name: model.name,
    commitment: commitModel(packed, salt),
    inputs: { weights1, weights2, modelSalt: String(salt) },
    metadataHash: keccak256(stringToHex(model.name)),
  }
}

/**
 * Reads the file that the owner of a hidden model keeps: a model file with the field `salt` beside the others, decimal.
 * @throws RangeError that names what is wrong, without a value
 */
export function readHiddenModel(text: string): HiddenModel {
  const model = readModel(text) as Model & { salt?: unknown }
  if (typeof model.salt !== 'string' || !/^\d{1,77}$/.test(model.salt))
    throw new RangeError('This is no file of a hidden model: salt.')
  return hideModel(model, BigInt(model.salt))
}

/** The text of such a file. Keep it readable by its owner alone. */
export const hiddenModelText = (model: Model, salt: bigint): string =>
  JSON.stringify({ ...model, salt: String(salt) })
