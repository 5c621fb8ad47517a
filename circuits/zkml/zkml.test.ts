import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circuitNamed } from '../catalogue.ts'
import { type Bench, bench, freeWires, holds, refuses } from '../test/harness.ts'
import { infer, inputCount, type Model } from './model.ts'
import { loadModel } from './models/index.ts'
import { commitModel, commitValues, digitsShape, packWeights } from './packing.ts'
import { mnist } from './training/mnist.ts'

const ctx = 0xabcdefn
const salt = 2n ** 190n + 3n
const modelSalt = 2n ** 180n + 5n
const model = loadModel('digits')
const [weights1, weights2] = packWeights(model, digitsShape)

/** The first test images, and images that no pen draws. */
function images(side: 14 | 28, count: number): number[][] {
  const { pixels, size } = mnist('t10k', side)
  const drawn = Array.from({ length: count }, (_, image) =>
    Array.from(pixels.subarray(image * size, (image + 1) * size)),
  )
  const made = [
    () => 0,
    () => 15,
    (_: unknown, at: number) => (at % 2) * 15,
    (_: unknown, at: number) => (at * 7) % 16,
  ]
  return [...drawn, ...made.map((pixel) => Array.from({ length: size }, pixel))]
}

/** A model that gives every class the same score for every input. */
const indifferent: Model = {
  ...model,
  layers: model.layers.map((layer) => ({ ...layer, weights: layer.weights.map((row) => row.map(() => 0)) })),
}

const open = async (name: string): Promise<Bench> => bench(name, circuitNamed(name).main())

test('mode K: the circuit agrees with the integer model on 300 digits and on strange images', async () => {
  const circuit = await open('digits-constant')
  for (const pixels of images(14, 300)) {
    const signals = holds(circuit, { ctx, pixels, salt })
    assert.deepEqual(signals, [BigInt(infer(model, pixels).class), commitValues(pixels, 4, salt), ctx])
  }
})

test('mode K: a value beyond 4 bits is refused', async () => {
  const circuit = await open('digits-constant')
  const [pixels] = images(14, 1) as [number[]]
  for (const value of [16, -1, 2 ** 30])
    for (const at of [0, 62, 63, 195]) refuses(circuit, { ctx, salt, pixels: pixels.with(at, value) })
})

test('mode K: every wire is bound', async () => {
  const circuit = await open('digits-constant')
  assert.deepEqual(freeWires(circuit, { ctx, pixels: images(14, 1)[0]!, salt }), [])
})

test('allowed classes: in the set it holds and hides the class, outside it is refused', async () => {
  const circuit = await open('digits-allowed')
  for (const pixels of images(14, 12)) {
    const bit = 1 << infer(model, pixels).class
    const signals = holds(circuit, { ctx, pixels, salt, allowed: bit })
    assert.deepEqual(signals, [commitValues(pixels, 4, salt), BigInt(bit), ctx])
    holds(circuit, { ctx, pixels, salt, allowed: 0x3ff })
    refuses(circuit, { ctx, pixels, salt, allowed: 0x3ff ^ bit })
    refuses(circuit, { ctx, pixels, salt, allowed: 0x400 | bit })
  }
  assert.deepEqual(freeWires(circuit, { ctx, pixels: images(14, 1)[0]!, salt, allowed: 0x3ff }).length, 0)
})

test('mode P: the circuit agrees with the integer model on 300 digits and on strange images', async () => {
  const circuit = await open('digits-packed')
  for (const pixels of images(14, 300)) {
    const signals = holds(circuit, { ctx, weights1, weights2, pixels, salt })
    assert.deepEqual(signals.slice(0, 3), [
      BigInt(infer(model, pixels).class),
      commitValues(pixels, 4, salt),
      ctx,
    ])
    assert.deepEqual(signals.slice(3), [...weights1, ...weights2])
  }
})

test('mode P: one key serves another model, and equal scores go to class 0', async () => {
  const circuit = await open('digits-packed')
  const [other1, other2] = packWeights(indifferent, digitsShape)
  const [pixels] = images(14, 1) as [number[]]
  assert.equal(holds(circuit, { ctx, weights1: other1, weights2: other2, pixels, salt })[0], 0n)
})

test('mode P: a value beyond 4 bits is refused, and every wire is bound', async () => {
  const circuit = await open('digits-packed')
  const [pixels] = images(14, 1) as [number[]]
  for (const at of [0, 195]) refuses(circuit, { ctx, weights1, weights2, salt, pixels: pixels.with(at, 16) })
  // a weight whose input is 0 has no part in this answer: its row of the key binds it, not a product
  const free = freeWires(circuit, { ctx, weights1, weights2, pixels, salt })
  const blank = pixels.flatMap((pixel, at) => (pixel === 0 ? [4 + 2 * at, 5 + 2 * at] : []))
  const silent = free.filter((wire) => !blank.includes(wire))
  const hidden = 4 + weights1.length
  assert.ok(silent.every((wire) => wire >= hidden && wire < hidden + weights2.length))
})

test('mode C: the circuit agrees with the integer model and gives the commitment of the hidden weights', async () => {
  const circuit = await open('digits-hidden')
  for (const pixels of images(14, 6)) {
    const signals = holds(circuit, { ctx, weights1, weights2, modelSalt, pixels: [pixels], salt: [salt] })
    const commitment = commitModel([weights1, weights2], modelSalt)
    assert.deepEqual(signals, [
      BigInt(infer(model, pixels).class),
      commitValues(pixels, 4, salt),
      commitment,
      ctx,
    ])
  }
})

test('mode C: other weights and another salt give another commitment', async () => {
  const circuit = await open('digits-hidden')
  const [pixels] = images(14, 1) as [number[]]
  const commitment = (inputs: object) =>
    holds(circuit, { ctx, weights1, weights2, modelSalt, pixels: [pixels], salt: [salt], ...inputs })[2]
  const honest = commitment({})
  assert.notEqual(commitment({ modelSalt: 1n }), honest)
  assert.notEqual(commitment({ weights1: weights1.with(0, weights1[1]! + 1n) }), honest)
  refuses(circuit, { ctx, weights1, weights2, modelSalt, pixels: [pixels.with(7, 16)], salt: [salt] })
})

test('LeNet: the circuit agrees with the integer model on digits and on strange images', async () => {
  const lenet = loadModel('lenet')
  const circuit = await open('lenet-constant')
  for (const pixels of images(28, 6)) {
    assert.equal(pixels.length, inputCount(lenet))
    const signals = holds(circuit, { ctx, pixels, salt })
    assert.deepEqual(signals, [BigInt(infer(lenet, pixels).class), commitValues(pixels, 4, salt), ctx])
  }
  refuses(circuit, { ctx, salt, pixels: images(28, 1)[0]!.with(400, 16) })
})
