import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadModel } from './models/index.ts'
import { PACKED_WEIGHTS, packModel, readModel } from './packedModel.ts'

const text = (changes: object): string => JSON.stringify({ ...loadModel('digits'), ...changes })

test('the classifier that ships is packed into as many weights as the circuit has', () => {
  const { weights, inputs } = packModel(loadModel('digits'))
  assert.equal(weights.length, PACKED_WEIGHTS)
  assert.deepEqual([...inputs.weights1, ...inputs.weights2].map(BigInt), weights)
})

test('the description of a model is its name', () => {
  const hashOf = (name: string) => packModel({ ...loadModel('digits'), name }).metadataHash
  assert.equal(hashOf('a'), hashOf('a'))
  assert.notEqual(hashOf('a'), hashOf('b'))
})

test('a model file is read whole or refused with what is wrong', () => {
  assert.deepEqual(readModel(text({})), loadModel('digits'))
  const [first, second] = loadModel('digits').layers
  const withWeight = (weight: unknown) => ({
    ...second,
    weights: second!.weights.map((row, unit) => (unit === 3 ? [weight, ...row.slice(1)] : row)),
  })
  const bad: [given: string, fault: RegExp][] = [
    ['{', /not JSON/],
    ['null', /name/],
    [text({ name: 'x'.repeat(65) }), /name/],
    [text({ inputBits: '4' }), /inputBits/],
    [text({ layers: {} }), /layers/],
    [text({ layers: [first, null] }), /layer 2/],
    [text({ layers: [first, withWeight(128)] }), /layer 2/],
    [text({ layers: [first, withWeight(0.5)] }), /layer 2/],
    [text({ layers: [first, withWeight('1')] }), /layer 2/],
    [text({ layers: [{ ...first, weights: first!.weights.slice(1) }, second] }), /layer 1/],
    [JSON.stringify(loadModel('lenet')), /layer 1/],
  ]
  for (const [given, fault] of bad)
    assert.throws(() => readModel(given), { name: 'RangeError', message: fault })
})

test('a model of another shape is not packed', () => {
  const [first] = loadModel('digits').layers
  assert.throws(() => packModel({ ...loadModel('digits'), layers: [first!] }), RangeError)
  assert.throws(() => packModel({ ...loadModel('digits'), layers: [] }), RangeError)
})
