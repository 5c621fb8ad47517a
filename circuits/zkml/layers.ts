/**
 * One linear layer. The same `units × (fanIn + 1)` weights are applied at every position, each of which reads its own
 * `fanIn` inputs. A dense layer has one position that reads everything; a convolution has one for each place of its
 * kernel. Training, the integer model and the circuits all walk this one description.
 */
export interface Layer {
  /** Outputs at each position: neurons of a dense layer, channels of a convolution. */
  units: number
  /** Inputs that each position reads. */
  fanIn: number
  /** For each position, the indices of its inputs. */
  taps: number[][]
}

/** @returns a layer in which every unit reads every input */
export const dense = (inputs: number, units: number): Layer => ({
  units,
  fanIn: inputs,
  taps: [Array.from({ length: inputs }, (_, index) => index)],
})

/**
 * A square convolution without padding over an image stored row by row, channels last.
 *
 * Average pooling needs no layer of its own: a 5×5 kernel followed by a 2×2 mean is one 6×6 kernel at stride 2.
 * @param width side of the input, in pixels
 * @param channels values per pixel
 * @param kernel side of the kernel, in pixels
 * @param stride step between positions, in pixels
 * @param units output channels
 */
export function convolution(shape: {
  width: number
  channels: number
  kernel: number
  stride: number
  units: number
}): Layer {
  const { width, channels, kernel, stride, units } = shape
  const side = Math.floor((width - kernel) / stride) + 1
  const steps = (count: number) => Array.from({ length: count }, (_, index) => index)
  const taps = steps(side * side).map((position) => {
    const top = Math.floor(position / side) * stride
    const left = (position % side) * stride
    return steps(kernel * kernel).flatMap((cell) => {
      const pixel = (top + Math.floor(cell / kernel)) * width + left + (cell % kernel)
      return steps(channels).map((channel) => pixel * channels + channel)
    })
  })
  return { units, fanIn: kernel * kernel * channels, taps }
}

/** @returns how many values the layer gives out, position by position, units last */
export const outputs = (layer: Layer): number => layer.taps.length * layer.units
