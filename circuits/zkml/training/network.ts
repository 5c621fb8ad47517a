import { type Layer, outputs } from '../layers.ts'

/** A network in floating point. The bias of a unit is its last weight. Units between layers are rectified. */
export interface Network {
  layers: Layer[]
  /** For each layer `units × (fanIn + 1)`. */
  weights: Float32Array[]
}

/** A deterministic source of numbers in [0, 1): a 32-bit multiplicative generator, the same on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word = (word + Math.imul(word ^ (word >>> 7), word | 61)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @returns a network with weights drawn uniformly in the range that keeps the variance of rectified units */
export function initialise(layers: Layer[], random: () => number): Network {
  const weights = layers.map(({ units, fanIn }) => {
    const range = Math.sqrt(6 / fanIn)
    return Float32Array.from({ length: units * (fanIn + 1) }, (_, index) =>
      index % (fanIn + 1) === fanIn ? 0 : (random() * 2 - 1) * range,
    )
  })
  return { layers, weights }
}

/** Adds the outputs of one layer for `input` into `output`. */
export function forward(
  layer: Layer,
  weights: Float32Array,
  input: Float32Array,
  output: Float32Array,
): void {
  const { units, fanIn, taps } = layer
  const row = fanIn + 1
  const seen = new Float32Array(fanIn)
  const at = new Int32Array(fanIn)
  for (let position = 0; position < taps.length; position++) {
    const places = taps[position]!
    let active = 0
    for (let tap = 0; tap < fanIn; tap++) {
      const value = input[places[tap]!]!
      if (value !== 0) {
        seen[active] = value
        at[active++] = tap
      }
    }
    for (let unit = 0; unit < units; unit++) {
      let sum = weights[unit * row + fanIn]!
      for (let k = 0; k < active; k++) sum += weights[unit * row + at[k]!]! * seen[k]!
      output[position * units + unit] = sum
    }
  }
}

/** Adds to `gradient` (weights) and to `back` (inputs, if wanted) what `delta` at the outputs asks for. */
function backward(
  layer: Layer,
  weights: Float32Array,
  input: Float32Array,
  delta: Float32Array,
  gradient: Float32Array,
  back: Float32Array | undefined,
): void {
  const { units, fanIn, taps } = layer
  const row = fanIn + 1
  const seen = new Float32Array(fanIn)
  const at = new Int32Array(fanIn)
  for (let position = 0; position < taps.length; position++) {
    const places = taps[position]!
    // a unit that gave 0 passes nothing back, so an inactive tap matters only in the input layer, where `back` is not asked
    let active = 0
    for (let tap = 0; tap < fanIn; tap++) {
      const value = input[places[tap]!]!
      if (value !== 0) {
        seen[active] = value
        at[active++] = tap
      }
    }
    for (let unit = 0; unit < units; unit++) {
      const error = delta[position * units + unit]!
      if (error === 0) continue
      const start = unit * row
      for (let k = 0; k < active; k++) gradient[start + at[k]!]! += error * seen[k]!
      gradient[start + fanIn]! += error
      if (back !== undefined) {
        for (let k = 0; k < active; k++) back[places[at[k]!]!]! += error * weights[start + at[k]!]!
      }
    }
  }
}

/** How {@link train} walks. */
export interface Schedule {
  epochs: number
  batch: number
  /** First learning rate; it falls to zero along half a cosine. */
  rate: number
  momentum: number
  /** Fraction of each weight taken off per unit of learning rate. */
  decay: number
}

/**
 * Trains in place by stochastic gradient descent with momentum on the cross-entropy of the softmax.
 * @param sample fills its first argument with image `index` and returns the label
 */
export function train(
  network: Network,
  count: number,
  sample: (input: Float32Array, index: number) => number,
  schedule: Schedule,
  random: () => number,
  onEpoch: (epoch: number, loss: number) => void,
): void {
  const { layers, weights } = network
  const values = [new Float32Array(1 + Math.max(...layers[0]!.taps.flat()))]
  for (const layer of layers) values.push(new Float32Array(outputs(layer)))
  const deltas = values.map((value) => new Float32Array(value.length))
  const gradients = weights.map((weight) => new Float32Array(weight.length))
  const speeds = weights.map((weight) => new Float32Array(weight.length))
  const order = Array.from({ length: count }, (_, index) => index)
  const steps = schedule.epochs * Math.ceil(count / schedule.batch)
  let step = 0
  for (let epoch = 0; epoch < schedule.epochs; epoch++) {
    for (let left = count - 1; left > 0; left--) {
      const other = Math.floor(random() * (left + 1))
      ;[order[left], order[other]] = [order[other]!, order[left]!]
    }
    let loss = 0
    for (let start = 0; start < count; start += schedule.batch) {
      const end = Math.min(count, start + schedule.batch)
      for (let at = start; at < end; at++) {
        const label = sample(values[0]!, order[at]!)
        loss += learn(network, values, deltas, gradients, label)
      }
      const rate = 0.5 * schedule.rate * (1 + Math.cos((Math.PI * step++) / steps))
      for (const [index, weight] of weights.entries()) {
        const gradient = gradients[index]!
        const speed = speeds[index]!
        for (let k = 0; k < weight.length; k++) {
          speed[k] =
            schedule.momentum * speed[k]! -
            rate * (gradient[k]! / (end - start) + schedule.decay * weight[k]!)
          weight[k]! += speed[k]!
        }
        gradient.fill(0)
      }
    }
    onEpoch(epoch, loss / count)
  }
}

/** One image forth and back. @returns its loss */
function learn(
  { layers, weights }: Network,
  values: Float32Array[],
  deltas: Float32Array[],
  gradients: Float32Array[],
  label: number,
): number {
  for (const [index, layer] of layers.entries()) {
    const output = values[index + 1]!
    forward(layer, weights[index]!, values[index]!, output)
    if (index < layers.length - 1) for (let k = 0; k < output.length; k++) if (output[k]! < 0) output[k] = 0
  }
  const scores = values[layers.length]!
  const top = Math.max(...scores)
  const error = deltas[layers.length]!
  let sum = 0
  for (let k = 0; k < scores.length; k++) sum += error[k] = Math.exp(scores[k]! - top)
  for (let k = 0; k < scores.length; k++) error[k] = error[k]! / sum - (k === label ? 1 : 0)
  for (let index = layers.length - 1; index >= 0; index--) {
    const back = index > 0 ? deltas[index]!.fill(0) : undefined
    backward(layers[index]!, weights[index]!, values[index]!, deltas[index + 1]!, gradients[index]!, back)
  }
  return -Math.log(Math.max(1e-12, error[label]! + 1))
}
