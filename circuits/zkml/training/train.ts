// Makes zkml/models/*.json anew: `node zkml/training/train.ts [name …]`, about three minutes for all. The same seed gives
// the same weights; `npm run check` then asks for the usual format.
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { layerOf, type Model } from '../model.ts'
import { modelPath } from '../models/index.ts'
import { type Digits, mnist } from './mnist.ts'
import { initialise, type Schedule, seeded, train } from './network.ts'
import { accuracy, type Precision, quantise } from './quantise.ts'

/** What a model is made from. */
interface Recipe {
  side: 14 | 28
  seed: number
  /** Images are moved by up to so many pixels, another way each time they are seen. */
  shiftPixels: number
  schedule: Schedule
  precisions: Precision[]
  /** Training fails below this fraction of right answers on the test images. */
  leastAccuracy: number
}

const recipes: Record<string, Recipe> = {
  digits: {
    side: 14,
    seed: 1,
    shiftPixels: 0,
    schedule: { epochs: 24, batch: 32, rate: 0.06, momentum: 0.9, decay: 1e-4 },
    precisions: [
      { shape: { kind: 'dense', inputs: 196, units: 30 }, width: 16, bias: 64, shift: 7 },
      { shape: { kind: 'dense', inputs: 30, units: 10 }, width: 20, bias: 64, shift: 0 },
    ],
    leastAccuracy: 0.97,
  },
  lenet: {
    side: 28,
    seed: 1,
    shiftPixels: 1,
    schedule: { epochs: 8, batch: 32, rate: 0.05, momentum: 0.9, decay: 2e-4 },
    precisions: [
      {
        shape: { kind: 'convolution', width: 28, channels: 1, kernel: 6, stride: 2, units: 6 },
        width: 13,
        bias: 64,
        shift: 6,
      },
      {
        shape: { kind: 'convolution', width: 12, channels: 6, kernel: 6, stride: 2, units: 16 },
        width: 18,
        bias: 64,
        shift: 7,
      },
      { shape: { kind: 'dense', inputs: 256, units: 10 }, width: 20, bias: 64, shift: 0 },
    ],
    leastAccuracy: 0.984,
  },
}

/** Fills `input` with image `index`, moved by whole pixels, as fractions 0..1. */
function place(
  input: Float32Array,
  digits: Digits,
  index: number,
  side: number,
  right: number,
  down: number,
): void {
  const start = index * digits.size
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [y, x] = [row - down, column - right]
      const outside = y < 0 || x < 0 || y >= side || x >= side
      input[row * side + column] = outside ? 0 : digits.pixels[start + y * side + x]! / 15
    }
  }
}

/** Trains, rounds and measures one model. */
function make(name: string, recipe: Recipe): Model {
  const { side, seed, shiftPixels, schedule, precisions, leastAccuracy } = recipe
  const random = seeded(seed)
  const digits = mnist('train', side)
  const network = initialise(
    precisions.map(({ shape }) => layerOf(shape)),
    random,
  )
  const step = () => Math.floor(random() * (2 * shiftPixels + 1)) - shiftPixels
  const sample = (input: Float32Array, index: number) => {
    place(input, digits, index, side, step(), step())
    return digits.labels[index]!
  }
  train(network, digits.labels.length, sample, schedule, random, (epoch, loss) =>
    console.log(`${name}: epoch ${epoch + 1} of ${schedule.epochs}, loss ${loss.toFixed(4)}`),
  )
  const rounded = quantise(name, 4, network, precisions)
  const right = accuracy(rounded, mnist('t10k', side))
  if (right < leastAccuracy) throw new Error(`${name}: accuracy ${right} is below ${leastAccuracy}.`)
  return { ...rounded, accuracy: right }
}

if (import.meta.main) {
  const chosen = process.argv.slice(2)
  for (const [name, recipe] of Object.entries(recipes)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    const model = make(name, recipe)
    writeFileSync(fileURLToPath(modelPath(name)), `${JSON.stringify(model, null, 2)}\n`)
    console.log(`${name}: ${(100 * model.accuracy).toFixed(2)} % of the test images`)
  }
}
