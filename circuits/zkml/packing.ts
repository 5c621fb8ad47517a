import { FIELD, reduce } from '../field/field.ts'
import { poseidon } from '../field/poseidon.ts'
import { bounds, type Model, signedWidth } from './model.ts'

/** How the packed circuits (modes P and C) read a classifier with one hidden layer. One key serves every such model. */
export interface PackedShape {
  inputs: number
  inputBits: number
  hidden: number
  classes: number
  /** Signed bits of the sums of each layer. */
  widths: [number, number]
  /** Units to an element, for each layer: units × width is at most 252 bits. */
  perElement: [number, number]
  /** Hidden sums are divided by 2^shift. */
  shift: number
  /** The constant input of the biases. */
  bias: number
}

/** The shape of 196→30→10 classifiers of digits. */
export const digitsShape: PackedShape = {
  inputs: 196,
  inputBits: 4,
  hidden: 30,
  classes: 10,
  widths: [16, 20],
  perElement: [15, 10],
  shift: 7,
  bias: 64,
}

/** @returns the shape as the circuits' template parameters take it, from INPUTS on */
export const shapeArguments = (shape: PackedShape): string =>
  [
    shape.inputs,
    shape.inputBits,
    shape.hidden,
    shape.classes,
    shape.widths[0],
    shape.perElement[0],
    shape.shift,
    shape.widths[1],
    shape.perElement[1],
    shape.bias,
  ].join(', ')

/**
 * Packs the weights of a model: for each input and then the bias, the weights of up to `perElement` units as signed digits
 * base 2^width of one field element.
 * @throws RangeError when the model has another shape, or when some input would overflow a sum: then the circuit would
 * still compute one fixed function of the elements, but not the model's
 */
export function packWeights(model: Model, shape: PackedShape): [layer1: bigint[], layer2: bigint[]] {
  const [first, second, ...more] = model.layers
  const fits =
    more.length === 0 &&
    first?.shape.kind === 'dense' &&
    first.shape.inputs === shape.inputs &&
    first.shape.units === shape.hidden &&
    second?.shape.kind === 'dense' &&
    second.shape.units === shape.classes &&
    model.inputBits === shape.inputBits &&
    first.shift === shape.shift &&
    first.bias === shape.bias &&
    second.bias === shape.bias
  if (!fits) throw new RangeError(`The model "${model.name}" does not have the shape of the packed circuit.`)
  for (const [index, sums] of bounds(model).entries()) {
    const width = Math.max(...sums.map(signedWidth))
    if (width > shape.widths[index]!) {
      throw new RangeError(
        `A sum of layer ${index + 1} can need ${width} bits; the circuit has ${shape.widths[index]}.`,
      )
    }
  }
  return [0, 1].map((index) => {
    const { weights } = model.layers[index]!
    const width = BigInt(shape.widths[index]!)
    const per = shape.perElement[index]!
    const elements: bigint[] = []
    for (let input = 0; input < weights[0]!.length; input++) {
      for (let unit = 0; unit < weights.length; unit += per) {
        const digits = weights.slice(unit, unit + per).map((row) => BigInt(row[input]!))
        elements.push(
          reduce(digits.reduce((sum, digit, place) => sum + (digit << (width * BigInt(place))), 0n)),
        )
      }
    }
    return elements
  }) as [bigint[], bigint[]]
}

/** Packs small values into field elements as ValuesCommitment does, lowest first. @returns their salted commitment */
export function commitValues(values: ArrayLike<number>, bits: number, salt: bigint): bigint {
  const per = Math.floor(252 / bits)
  const elements: bigint[] = new Array<bigint>(Math.ceil(values.length / per)).fill(0n)
  for (const [index, value] of Array.from(values).entries()) {
    elements[Math.floor(index / per)]! += BigInt(value) << BigInt(bits * (index % per))
  }
  return poseidon([...elements, salt])
}

/** @returns the digest of a list of field elements, as the template Digest gives it */
export function digest(elements: readonly bigint[]): bigint {
  let hash = BigInt(elements.length) % FIELD
  for (let start = 0; start < elements.length; start += 15)
    hash = poseidon([hash, ...elements.slice(start, start + 15)])
  return hash
}

/** @returns the commitment to a hidden model that HiddenClassifier and ModelIntegrity give out */
export const commitModel = ([layer1, layer2]: readonly [bigint[], bigint[]], salt: bigint): bigint =>
  poseidon([digest(layer1), digest(layer2), salt])
