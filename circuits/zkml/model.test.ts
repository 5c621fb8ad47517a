import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounds, infer, inputCount, layerOf, type Model, signedWidth } from './model.ts'
import { loadModel } from './models/index.ts'
import { commitModel, commitValues, digest, digitsShape, packWeights } from './packing.ts'
import { mnist } from './training/mnist.ts'
import { initialise, seeded } from './training/network.ts'
import { accuracy } from './training/quantise.ts'

test('the digit classifier names at least 97 % of the 10,000 test images', () => {
  const model = loadModel('digits')
  const right = accuracy(model, mnist('t10k', 14))
  assert.ok(right >= 0.97)
  assert.equal(right, model.accuracy)
})

test('the convolutional classifier names at least 98.4 % of the 10,000 test images', () => {
  const model = loadModel('lenet')
  const right = accuracy(model, mnist('t10k', 28))
  assert.ok(right >= 0.984)
  assert.equal(right, model.accuracy)
})

test('weights are int8 and every sum stays inside its bounds', () => {
  for (const name of ['digits', 'lenet'] as const) {
    const model = loadModel(name)
    for (const { weights } of model.layers) {
      assert.ok(weights.flat().every((weight) => Number.isInteger(weight) && weight >= -128 && weight <= 127))
    }
    const scores = bounds(model).at(-1)!
    const random = seeded(5)
    for (const pixel of [
      () => 0,
      () => 15,
      () => Math.floor(random() * 16),
      () => (random() < 0.5 ? 0 : 15),
    ]) {
      const found = infer(model, Array.from({ length: inputCount(model) }, pixel)).scores
      for (const [index, score] of found.entries()) {
        assert.ok(score >= scores[index]!.least && score <= scores[index]!.greatest)
      }
    }
  }
})

test('bounds are reached by the worst input of a unit', () => {
  const model = loadModel('digits')
  const [{ weights, bias }] = model.layers as [Model['layers'][0]]
  for (const [unit, row] of weights.entries()) {
    const worst = row.slice(0, -1).map((weight) => (weight > 0 ? 15 : 0))
    const sum = worst.reduce((total, value, tap) => total + value * row[tap]!, row.at(-1)! * bias)
    assert.equal(sum, bounds(model)[0]![unit]!.greatest)
  }
})

test('a two’s complement holds its ends', () => {
  assert.equal(signedWidth({ least: -128, greatest: 127 }), 8)
  assert.equal(signedWidth({ least: -129, greatest: 0 }), 9)
  assert.equal(signedWidth({ least: 0, greatest: 128 }), 9)
})

test('a convolution reads the right pixels', () => {
  const layer = layerOf({ kind: 'convolution', width: 4, channels: 2, kernel: 2, stride: 2, units: 1 })
  assert.equal(layer.fanIn, 8)
  assert.deepEqual(layer.taps, [
    [0, 1, 2, 3, 8, 9, 10, 11],
    [4, 5, 6, 7, 12, 13, 14, 15],
    [16, 17, 18, 19, 24, 25, 26, 27],
    [20, 21, 22, 23, 28, 29, 30, 31],
  ])
})

test('training starts alike from one seed', () => {
  const layers = [layerOf({ kind: 'dense', inputs: 5, units: 3 })]
  assert.deepEqual(initialise(layers, seeded(9)).weights, initialise(layers, seeded(9)).weights)
  assert.notDeepEqual(initialise(layers, seeded(9)).weights, initialise(layers, seeded(10)).weights)
})

test('packing refuses another shape, and weights with which a sum could overflow', () => {
  const model = loadModel('digits')
  assert.throws(() => packWeights(loadModel('lenet'), digitsShape), /does not have the shape/)
  assert.throws(() => packWeights(model, { ...digitsShape, widths: [15, 20] }), /can need 16 bits/)
})

test('commitments depend on every value, the order, the length and the salt', () => {
  const base = commitValues([1, 2, 3], 4, 9n)
  for (const other of [
    commitValues([1, 2, 4], 4, 9n),
    commitValues([2, 1, 3], 4, 9n),
    commitValues([1, 2, 3], 4, 8n),
  ]) {
    assert.notEqual(other, base)
  }
  assert.notEqual(digest([1n, 2n]), digest([1n, 2n, 0n]))
  assert.notEqual(commitModel([[1n], [2n]], 3n), commitModel([[2n], [1n]], 3n))
})
