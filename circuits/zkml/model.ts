import { convolution, dense, type Layer, outputs } from './layers.ts'

/** Shape of one layer as a model file gives it. */
export type Shape =
  | { kind: 'dense'; inputs: number; units: number }
  | { kind: 'convolution'; width: number; channels: number; kernel: number; stride: number; units: number }

/** One layer of integers. */
export interface ModelLayer {
  shape: Shape
  /** Each unit's weights, −128..127; the last one is its bias. */
  weights: number[][]
  /** The constant input that the biases meet. */
  bias: number
  /** Sums are rectified and divided by 2^shift, rounding down; the last layer keeps its sums. */
  shift: number
}

/** A classifier in integers alone: what a model file holds, and what the circuits compute. */
export interface Model {
  name: string
  /** Width of an input value: 4 bits are 0..15. */
  inputBits: number
  layers: ModelLayer[]
  /** Right answers on the 10,000 test images of MNIST, a fraction. */
  accuracy: number
}

/** The least and greatest sum of one unit over every possible input. */
export interface Bounds {
  least: number
  greatest: number
}

/** @returns the layer that a shape describes */
export const layerOf = (shape: Shape): Layer =>
  shape.kind === 'dense' ? dense(shape.inputs, shape.units) : convolution(shape)

/** @returns how many values the model reads */
export function inputCount({ layers }: Model): number {
  const { shape } = layers[0]!
  return shape.kind === 'dense' ? shape.inputs : shape.width ** 2 * shape.channels
}

/**
 * Runs the model as the circuits do: the same integers, the same rounding, the lowest index among equal scores.
 * @param values 0..2^inputBits − 1 each
 */
export function infer(model: Model, values: ArrayLike<number>): { scores: number[]; class: number } {
  let current = Array.from(values)
  for (const [index, { shape, weights, bias, shift }] of model.layers.entries()) {
    const layer = layerCache(shape)
    const next = new Array<number>(outputs(layer))
    for (const [position, taps] of layer.taps.entries()) {
      for (const [unit, row] of weights.entries()) {
        let sum = row[layer.fanIn]! * bias
        for (let tap = 0; tap < layer.fanIn; tap++) sum += row[tap]! * current[taps[tap]!]!
        const last = index === model.layers.length - 1
        next[position * layer.units + unit] = last ? sum : Math.max(0, Math.floor(sum / 2 ** shift))
      }
    }
    current = next
  }
  return { scores: current, class: current.indexOf(Math.max(...current)) }
}

const layers = new Map<Shape, Layer>()
const layerCache = (shape: Shape): Layer => {
  const layer = layers.get(shape) ?? layerOf(shape)
  layers.set(shape, layer)
  return layer
}

/**
 * Bounds of every unit's sum, layer by layer, from the weights alone. Widths of signals come from these, so that no input,
 * however strange, makes a sum overflow and an honest inference unprovable.
 */
export function bounds(model: Model): Bounds[][] {
  let greatestInput = [2 ** model.inputBits - 1]
  return model.layers.map(({ shape, weights, bias, shift }) => {
    const inputs = greatestInput
    const answer = weights.map((row) => {
      const total = { least: 0, greatest: 0 }
      for (const [tap, weight] of row.entries()) {
        // channels are stored last, so the inputs of a unit repeat the units of the layer before
        const most = weight * (tap === row.length - 1 ? bias : inputs[tap % inputs.length]!)
        if (tap === row.length - 1 || weight > 0) total.greatest += most
        if (tap === row.length - 1 || weight < 0) total.least += most
      }
      return total
    })
    greatestInput = answer.map(({ greatest }) => Math.max(0, Math.floor(greatest / 2 ** shift)))
    if (shape.kind === 'convolution' && inputs.length > 1 && inputs.length !== shape.channels) {
      throw new RangeError(
        `A convolution over ${shape.channels} channels follows a layer of ${inputs.length}.`,
      )
    }
    return answer
  })
}

/** @returns bits of the smallest two's complement that holds both bounds */
export const signedWidth = ({ least, greatest }: Bounds): number =>
  1 + Math.max(bitLength(Math.max(0, greatest)), bitLength(Math.max(0, -least - 1)), 1)

/** @returns bits of the greatest difference between two sums of the layer */
export const differenceWidth = (units: Bounds[]): number =>
  bitLength(Math.max(...units.map(({ greatest }) => greatest)) - Math.min(...units.map(({ least }) => least)))

const bitLength = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log2(value)) + 1)
