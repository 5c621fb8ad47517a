import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circuitNamed } from '../catalogue.ts'
import { FIELD } from '../field/field.ts'
import { poseidon } from '../field/poseidon.ts'
import { bench, freeWires, holds, liar, mainOf, refuses } from '../test/harness.ts'
import { loadModel } from '../zkml/models/index.ts'
import { commitModel, digest, digitsShape, packWeights } from '../zkml/packing.ts'
import { allowedSet } from './allowedSet.ts'

const ctx = 0xc0ffeen
const salt = 2n ** 200n + 17n

const recordRange = () => bench('record-range', circuitNamed('record-range').main())

test('record range: holds inside and at both ends, and gives the commitment', async () => {
  const range = await recordRange()
  for (const value of [100n, 150n, 200n]) {
    const signals = holds(range, { ctx, schema: 7n, low: 100n, high: 200n, value, salt })
    assert.deepEqual(signals, [poseidon([7n, value, salt]), 7n, 100n, 200n, ctx])
  }
  // differences of 50 and 51: one step of a bound then changes more than the bit that stands for nothing but itself
  assert.deepEqual(freeWires(range, { ctx, schema: 7n, low: 100n, high: 201n, value: 150n, salt }), [])
})

test('record range: a threshold is a range with one open end', async () => {
  const range = await recordRange()
  const most = 2n ** 64n - 1n
  holds(range, { ctx, schema: 7n, low: 10n ** 15n, high: most, value: most, salt })
  refuses(range, { ctx, schema: 7n, low: 10n ** 15n, high: most, value: 10n ** 15n - 1n, salt })
  holds(range, { ctx, schema: 7n, low: 0n, high: 5n, value: 0n, salt })
})

test('record range: refused one below, one above, and beyond 64 bits', async () => {
  const range = await recordRange()
  for (const value of [99n, 201n, 0n, 2n ** 64n + 150n, -1n, FIELD - 50n]) {
    refuses(range, { ctx, schema: 7n, low: 100n, high: 200n, value, salt })
  }
})

test('record range: bounds beyond 64 bits can wrap, which is why the verifier checks them', async () => {
  const range = await recordRange()
  // -5 as a lower bound makes room below zero: the template says that the caller must refuse such a bound
  holds(range, { ctx, schema: 7n, low: -5n, high: 200n, value: -1n, salt })
})

const identifiers = [11n, 22n, 33n, 44n, 55n, 2n ** 240n + 5n]

test('membership: every value of the set, at its place in the tree', async () => {
  const member = await bench(
    'membership-3',
    mainOf('predicates/membership.circom', 'Membership(3)', ['root', 'ctx']),
  )
  const set = allowedSet(identifiers, 3)
  for (const value of identifiers) {
    const signals = holds(member, { ctx, root: set.root, value, salt, children: set.path(value) })
    assert.deepEqual(signals, [poseidon([value, salt]), set.root, ctx])
  }
  assert.deepEqual(freeWires(member, { ctx, root: set.root, value: 33n, salt, children: set.path(33n) }), [])
})

test('membership: a stranger, a foreign path and another root are refused', async () => {
  const member = await bench(
    'membership-3',
    mainOf('predicates/membership.circom', 'Membership(3)', ['root', 'ctx']),
  )
  const set = allowedSet(identifiers, 3)
  const other = allowedSet([66n, 77n], 3)
  refuses(member, { ctx, root: set.root, value: 66n, salt, children: set.path(11n) })
  refuses(member, { ctx, root: set.root, value: 66n, salt, children: other.path(66n) })
  refuses(member, { ctx, root: other.root, value: 11n, salt, children: set.path(11n) })
  const [bottom, ...above] = set.path(11n)
  refuses(member, { ctx, root: set.root, value: 66n, salt, children: [[66n, ...bottom!.slice(1)], ...above] })
  // an inner node cannot pose as a value: its path is one level too short
  refuses(member, {
    ctx,
    root: set.root,
    value: poseidon(bottom!),
    salt,
    children: [above[0]!, above[1]!, above[1]!],
  })
})

test('membership: the filling of empty places is no member', async () => {
  const member = await bench(
    'membership-3',
    mainOf('predicates/membership.circom', 'Membership(3)', ['root', 'ctx']),
  )
  const set = allowedSet([11n], 3)
  refuses(member, { ctx, root: set.root, value: 0n, salt, children: set.path(11n) })
  const lying = await liar(
    'membership-zero',
    'predicates/membership.circom',
    'Membership(3)',
    ['root', 'ctx'],
    'value == 0 ? 0 : 1 / value',
    'value == 0 ? 1 : 1 / value',
  )
  refuses(lying, { ctx, root: set.root, value: 0n, salt, children: set.path(11n) })
})

test('membership: a set has one root whatever its order, and rejects what it cannot hold', () => {
  assert.equal(allowedSet([3n, 1n, 2n, 3n], 2).root, allowedSet([1n, 2n, 3n], 2).root)
  assert.notEqual(allowedSet([1n, 2n], 2).root, allowedSet([1n, 2n, 3n], 2).root)
  assert.throws(() => allowedSet([0n], 2), RangeError)
  assert.throws(() => allowedSet([1n, 2n, 3n, 4n, 5n], 1), RangeError)
  assert.throws(() => allowedSet([1n], 1).path(2n), RangeError)
})

test('membership: depth 10 at its size', async () => {
  const member = await bench('membership', circuitNamed('membership').main())
  const set = allowedSet(identifiers, 10)
  holds(member, { ctx, root: set.root, value: 44n, salt, children: set.path(44n) })
})

test('allowed class: in the set, whichever it is, and refused outside', async () => {
  const allowed = await bench(
    'allowed',
    mainOf('predicates/allowed-class.circom', 'AllowedClass(4)', ['selected', 'allowed']),
  )
  holds(allowed, { selected: [0, 0, 1, 0], allowed: 0b0100 })
  holds(allowed, { selected: [0, 0, 1, 0], allowed: 0b1111 })
  refuses(allowed, { selected: [0, 0, 1, 0], allowed: 0b1011 })
  refuses(allowed, { selected: [0, 0, 1, 0], allowed: 0 })
  refuses(allowed, { selected: [0, 0, 1, 0], allowed: 0b10100 })
})

const packedDigits = () => packWeights(loadModel('digits'), digitsShape)
const integrity = () => bench('model-integrity-output', circuitNamed('model-integrity-output').main())

test('model integrity: the committed model has these digests', async () => {
  const circuit = await integrity()
  const packed = packedDigits()
  const digests = packed.map(digest)
  const signals = holds(circuit, { ctx, digest: digests, weights: packed[1], modelSalt: salt })
  assert.deepEqual(signals, [commitModel(packed, salt), ...digests, ctx])
})

test('model integrity: other weights, another digest and a weight of 9 bits are refused', async () => {
  const circuit = await integrity()
  const packed = packedDigits()
  const digests = packed.map(digest)
  refuses(circuit, { ctx, digest: digests, weights: packed[1].with(3, packed[1][4]!), modelSalt: salt })
  refuses(circuit, { ctx, digest: [digests[1]!, digests[0]!], weights: packed[1], modelSalt: salt })
  const at = (weight: bigint, place: bigint) => {
    const weights = packed[1].with(0, weight << (20n * place))
    return { ctx, digest: [digests[0]!, digest(weights)], weights, modelSalt: salt }
  }
  for (const weight of [127n, -128n, 0n]) for (const place of [0n, 9n]) holds(circuit, at(weight, place))
  for (const weight of [128n, -129n, 2n ** 19n])
    for (const place of [0n, 9n]) refuses(circuit, at(weight, place))
})

test('model integrity: the hidden layer at its full size', async () => {
  const circuit = await bench('model-integrity-hidden', circuitNamed('model-integrity-hidden').main())
  const packed = packedDigits()
  const digests = packed.map(digest)
  const signals = holds(circuit, { ctx, digest: digests, weights: packed[0], modelSalt: salt })
  assert.deepEqual(signals, [commitModel(packed, salt), ...digests, ctx])
  // 256 more than any weight of 8 bits is none, in the second digit of the sixth element
  const weights = packed[0].with(5, packed[0][5]! + (256n << 16n))
  refuses(circuit, { ctx, digest: [digest(weights), digests[1]!], weights, modelSalt: salt })
})
