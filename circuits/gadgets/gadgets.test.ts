import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELD } from '../field/field.ts'
import { bench, freeWires, holds, liar, mainOf, refuses } from '../test/harness.ts'

test('Bits splits numbers below 2^N', async () => {
  const bits = await bench('bits-8', mainOf('gadgets/bits.circom', 'Bits(8)', ['in']))
  assert.deepEqual(holds(bits, { in: 0 }).slice(0, 8), Array(8).fill(0n))
  assert.deepEqual(holds(bits, { in: 255 }).slice(0, 8), Array(8).fill(1n))
  assert.deepEqual(holds(bits, { in: 6 }).slice(0, 8), [0n, 1n, 1n, 0n, 0n, 0n, 0n, 0n])
  assert.deepEqual(freeWires(bits, { in: 170 }), [])
})

test('Bits refuses numbers of more bits, negative ones too', async () => {
  const bits = await bench('bits-8', mainOf('gadgets/bits.circom', 'Bits(8)', ['in']))
  for (const value of [256n, -1n, FIELD - 256n, 1n << 200n]) refuses(bits, { in: value })
})

test('Bits refuses a digit that is no bit', async () => {
  // the whole number in the lowest place has the right sum
  const lying = await liar(
    'bits-digit',
    'gadgets/bits.circom',
    'Bits(8)',
    ['in'],
    '(in >> i) & 1',
    'i == 0 ? in : 0',
  )
  refuses(lying, { in: 7 })
  holds(lying, { in: 1 })
})

test('Bits at its greatest width has one answer for each number', async () => {
  const bits = await bench('bits-253', mainOf('gadgets/bits.circom', 'Bits(253)', ['in']))
  holds(bits, { in: 2n ** 253n - 1n })
  refuses(bits, { in: 2n ** 253n })
  refuses(bits, { in: FIELD - 1n })
})

test('Width takes what has N bits and nothing else', async () => {
  const width = await bench('width-4', mainOf('gadgets/bits.circom', 'Width(4)'))
  for (const value of [0, 1, 14, 15]) holds(width, { in: value })
  for (const value of [16n, 17n, -1n, FIELD / 2n]) refuses(width, { in: value })
  assert.deepEqual(freeWires(width, { in: 11 }), [])
  const one = await bench('width-1', mainOf('gadgets/bits.circom', 'Width(1)'))
  holds(one, { in: 1 })
  refuses(one, { in: 2 })
})

test('InRange holds at both ends and is refused one beyond', async () => {
  const range = await bench('in-range', mainOf('gadgets/bits.circom', 'InRange(64)'))
  const top = 2n ** 64n - 1n
  for (const value of [5n, 6n, 9n]) holds(range, { in: value, low: 5n, high: 9n })
  for (const value of [4n, 10n, 0n, top, -1n]) refuses(range, { in: value, low: 5n, high: 9n })
  holds(range, { in: top, low: 0n, high: top })
  refuses(range, { in: top + 1n, low: 0n, high: top })
  refuses(range, { in: 7n, low: 9n, high: 5n })
})

test('Rectify halves and rounds down, and gives 0 for what is negative', async () => {
  const rectify = await bench('rectify', mainOf('gadgets/rectify.circom', 'Rectify(8, 2)'))
  const expected: [number, bigint][] = [
    [-128, 0n],
    [-1, 0n],
    [0, 0n],
    [3, 0n],
    [4, 1n],
    [127, 31n],
  ]
  for (const [value, out] of expected) assert.deepEqual(holds(rectify, { in: value }), [out])
  for (const value of [-129, 128, 256]) refuses(rectify, { in: value })
  assert.deepEqual(freeWires(rectify, { in: 77 }), [])
})

test('Rectify refuses a false sign', async () => {
  const hint = '((in + (1 << (WIDTH - 1))) >> i) & 1'
  const lying = await liar(
    'rectify-sign',
    'gadgets/rectify.circom',
    'Rectify(8, 2)',
    ['in'],
    hint,
    'i == WIDTH - 1 ? 1 - (in >= 0) : (((in + (1 << (WIDTH - 1))) >> i) & 1)',
  )
  for (const value of [-128, -1, 0, 5, 127]) refuses(lying, { in: value })
})

test('Argmax names the greatest, and of equal ones the first', async () => {
  const argmax = await bench('argmax', mainOf('gadgets/argmax.circom', 'Argmax(4, 8)'))
  const at = (values: number[]) => Number(holds(argmax, { in: values })[4])
  assert.equal(at([1, 2, 3, 4]), 3)
  assert.equal(at([-1, -2, -3, -4]), 0)
  assert.equal(at([5, 9, 9, 9]), 1)
  assert.equal(at([7, 7, 7, 7]), 0)
  assert.equal(at([-128, 127, -128, 127]), 1)
  assert.deepEqual(freeWires(argmax, { in: [2, 5, 5, 3] }), [])
})

test('Argmax refuses another index, and the second of two equal ones', async () => {
  const call = 'Argmax(3, 8)'
  for (const index of [0, 1, 2]) {
    const lying = await liar(
      `argmax-${index}`,
      'gadgets/argmax.circom',
      call,
      ['in'],
      'i == best ? 1 : 0',
      `i == ${index} ? 1 : 0`,
    )
    const inputs = [
      [3, 2, 1],
      [1, 3, 2],
      [1, 2, 3],
      [3, 3, 1],
      [1, 3, 3],
      [2, 2, 2],
    ]
    for (const values of inputs) {
      if (values.indexOf(Math.max(...values)) === index) holds(lying, { in: values })
      else refuses(lying, { in: values })
    }
  }
})

test('Argmax refuses none, two, or parts of a choice', async () => {
  const file = 'gadgets/argmax.circom'
  const none = await liar('argmax-none', file, 'Argmax(3, 8)', ['in'], 'i == best ? 1 : 0', '0 * i')
  const two = await liar('argmax-two', file, 'Argmax(3, 8)', ['in'], 'i == best ? 1 : 0', 'i < 2 ? 1 : 0')
  // halves of two equal numbers add up to one choice of the same value
  const parts = await liar(
    'argmax-parts',
    file,
    'Argmax(3, 8)',
    ['in'],
    'i == best ? 1 : 0',
    'i < 2 ? 1 / 2 : 0',
  )
  for (const lying of [none, two, parts]) refuses(lying, { in: [4, 4, 1] })
})

test('Context puts ctx into a constraint', async () => {
  const context = await bench('context', mainOf('gadgets/context.circom', 'Context()', ['ctx']))
  assert.equal(context.r1cs.constraints.length, 1)
  assert.deepEqual(freeWires(context, { ctx: 12345 }), [])
})
