import { type Bounds, bounds, infer, type Model, type ModelLayer, type Shape, signedWidth } from '../model.ts'
import type { Digits } from './mnist.ts'
import type { Network } from './network.ts'

/** How one layer is brought to integers. */
export interface Precision {
  shape: Shape
  /** Signed bits that no sum of the layer may exceed. */
  width: number
  /** See {@link ModelLayer}. */
  bias: number
  shift: number
}

/**
 * Rounds a trained network to integers. Each layer takes the largest scale whose weights fit int8 and whose sums fit the
 * width for every input, and half of the divisor goes into the bias, so that rounding down rounds to nearest.
 * @param network trained on inputs of 0..1
 */
export function quantise(
  name: string,
  inputBits: number,
  network: Network,
  precisions: Precision[],
): Omit<Model, 'accuracy'> {
  const layers: ModelLayer[] = []
  // how many integer units of this layer's input are the trained 1.0
  let unit = 2 ** inputBits - 1
  for (const [index, { shape, width, bias, shift }] of precisions.entries()) {
    const { fanIn } = network.layers[index]!
    const trained = network.weights[index]!
    const rows = Array.from({ length: shape.units }, (_, row) =>
      Array.from(trained.subarray(row * (fanIn + 1), (row + 1) * (fanIn + 1))),
    )
    const half = index === precisions.length - 1 ? 0 : 2 ** (shift - 1)
    const scaled = (scale: number): ModelLayer => ({
      shape,
      bias,
      shift,
      weights: rows.map((row) =>
        row.map((weight, tap) =>
          Math.round(tap < fanIn ? weight * scale : (weight * scale * unit + half) / bias),
        ),
      ),
    })
    const fits = (layer: ModelLayer) =>
      layer.weights.flat().every((weight) => weight >= -128 && weight <= 127) &&
      bounds({ name, inputBits, layers: [...layers, layer], accuracy: 0 })
        .at(-1)!
        .every((sum: Bounds) => signedWidth(sum) <= width)
    let scale = 1024
    while (!fits(scaled(scale))) scale *= 0.995
    layers.push(scaled(scale))
    unit = (unit * scale) / 2 ** shift
  }
  return { name, inputBits, layers }
}

/** @returns the fraction of `digits` that the model names rightly */
export function accuracy(model: Omit<Model, 'accuracy'>, digits: Digits): number {
  let right = 0
  for (const [image, label] of digits.labels.entries()) {
    const pixels = digits.pixels.subarray(image * digits.size, (image + 1) * digits.size)
    if (infer({ ...model, accuracy: 0 }, pixels).class === label) right++
  }
  return right / digits.labels.length
}
