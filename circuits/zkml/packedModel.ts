import { type Hex, keccak256, stringToHex } from 'viem'
import type { Model } from './model.ts'
import { digitsShape, packWeights } from './packing.ts'

/** The circuit of models with public weights. */
export const PACKED_CIRCUIT = 'digits-packed'

/** A classifier as the circuit `digits-packed` and the registry of models take it. */
export interface PackedModel {
  name: string
  /** All weights in the order of the public signals. */
  weights: bigint[]
  /** The same as inputs of the circuit. */
  inputs: { weights1: string[]; weights2: string[] }
  /** Part of the id of the model: the hash of its name. */
  metadataHash: Hex
}

/**
 * Packs a model for the circuit `digits-packed`.
 * @throws RangeError when it has another shape, see {@link packWeights}
 */
export function packModel(model: Model): PackedModel {
  const [weights1, weights2] = packWeights(model, digitsShape)
  return {
    name: model.name,
    weights: [...weights1, ...weights2],
    inputs: { weights1: weights1.map(String), weights2: weights2.map(String) },
    metadataHash: keccak256(stringToHex(model.name)),
  }
}

/** Public signals of `digits-packed` that are weights. */
export const PACKED_WEIGHTS =
  (digitsShape.inputs + 1) * Math.ceil(digitsShape.hidden / digitsShape.perElement[0]) +
  (digitsShape.hidden + 1) * Math.ceil(digitsShape.classes / digitsShape.perElement[1])

const MAX_NAME_LENGTH = 64

/**
 * Reads a model file of a classifier with dense layers, which may come from anybody.
 * @param text JSON in the form of `zkml/models`
 * @throws RangeError that names what is wrong
 */
export function readModel(text: string): Model {
  const wrong = (what: string) => new RangeError(`This is no model file: ${what}.`)
  let model: Model
  try {
    model = JSON.parse(text) as Model
  } catch {
    throw wrong('not JSON')
  }
  if (typeof model?.name !== 'string' || model.name.length > MAX_NAME_LENGTH) throw wrong('name')
  if (!Number.isSafeInteger(model.inputBits) || !Array.isArray(model.layers))
    throw wrong('inputBits or layers')
  for (const [index, layer] of model.layers.entries()) {
    const { shape, weights } = layer ?? {}
    const isRow = (row: unknown, length: number) =>
      Array.isArray(row) &&
      row.length === length &&
      row.every((weight) => Number.isInteger(weight) && weight >= -128 && weight <= 127)
    const fits =
      shape?.kind === 'dense' &&
      Array.isArray(weights) &&
      weights.length === shape.units &&
      weights.every((row) => isRow(row, shape.inputs + 1)) &&
      Number.isSafeInteger(layer.bias) &&
      Number.isSafeInteger(layer.shift)
    if (!fits) throw wrong(`layer ${index + 1} is not dense with whole weights from -128 to 127`)
  }
  return model
}
