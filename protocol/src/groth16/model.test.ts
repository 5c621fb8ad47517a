import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bn254 } from '@noble/curves/bn254'
import { AbiCoder, concat, keccak256, toBeHex, ZeroHash } from 'ethers'
import { foldModel } from './foldModel.ts'
import { architectureIdOf, architectureOf, basisPartsOf, modelIdOf, weightsHashOf } from './model.ts'
import { keyBytes, keyIdOf, type SnarkjsKey } from './verifyingKey.ts'

const ORDER = bn254.fields.Fr.ORDER
const coder = AbiCoder.defaultAbiCoder()
const LOADER = '0x600b380380600b5f395ff300'

type G1 = SnarkjsKey['vk_alpha_1']
function multiple(factor: bigint): G1 {
  const { x, y } = bn254.G1.ProjectivePoint.BASE.multiply(factor).toAffine()
  return [`${x}`, `${y}`, '1']
}
const g2: SnarkjsKey['vk_beta_2'] = [
  ['1', '2'],
  ['3', '4'],
  ['1', '0'],
]

/** A key whose points are known multiples of the generator: constant 7, inputs 11, 12, 13, weights 100, 101, … */
function keyWith(weights: number): SnarkjsKey {
  const factors = [7, 11, 12, 13, ...Array.from({ length: weights }, (_, index) => 100 + index)]
  const IC = factors.map((factor) => multiple(BigInt(factor)))
  return { vk_alpha_1: multiple(3n), vk_beta_2: g2, vk_gamma_2: g2, vk_delta_2: g2, IC }
}

test('a key is taken apart into the key up to the context and parts of 383 points', () => {
  const key = keyWith(385)
  const { head, bases, keyId, basisIds, weightCount } = architectureOf(key, 385)
  assert.deepEqual(head.IC, key.IC.slice(0, 4))
  assert.equal(keyId, keyIdOf(keyBytes(head)))
  assert.deepEqual(
    bases.map((points) => (points.length - 2) / 128),
    [383, 2],
  )
  assert.equal(weightCount, 385)
  assert.equal(basisIds[1], keccak256(concat([LOADER, bases[1]!])))
  const words = key.IC.slice(-2).flatMap(([x, y]) => [toBeHex(x, 32), toBeHex(y, 32)])
  assert.equal(bases[1], concat(words))
  const id = keccak256(coder.encode(['bytes32', 'bytes32[]'], [keyId, basisIds]))
  assert.equal(architectureIdOf({ keyId, basisIds }), id)
})

test('a border between inputs and weights that is elsewhere is another architecture', () => {
  const key = keyWith(3)
  const ids = [1, 2, 3, 4].map((weights) => architectureIdOf(architectureOf(key, weights)))
  assert.equal(new Set(ids).size, 4)
  for (const weights of [0, 6, 7]) assert.throws(() => architectureOf(key, weights), RangeError)
})

test('the hash of weights goes part by part, and the id of a model holds key, weights and description', () => {
  const weights = Array.from({ length: 384 }, (_, index) => BigInt(index))
  const hashed = (before: string, part: bigint[]) =>
    keccak256(concat([before, ...part.map((weight) => toBeHex(weight, 32))]))
  const expected = hashed(hashed(ZeroHash, weights.slice(0, 383)), weights.slice(383))
  assert.equal(weightsHashOf(weights), expected)
  assert.deepEqual(basisPartsOf(weights), [weights.slice(0, 383), [383n]])
  const architecture = architectureOf(keyWith(1), 1)
  const description = `0x${'cd'.repeat(32)}` as const
  assert.equal(
    modelIdOf(architecture, weights, description),
    keccak256(
      coder.encode(
        ['bytes32', 'bytes32', 'bytes32'],
        [architectureIdOf(architecture), expected, description],
      ),
    ),
  )
})

test('weights are folded into the constant point, zero, one and the largest too', async () => {
  const key = keyWith(4)
  const architecture = architectureOf(key, 4)
  const weights = [0n, 1n, ORDER - 1n, 2n ** 240n]
  const factor = weights.reduce((sum, weight, index) => sum + weight * BigInt(100 + index), 7n) % ORDER
  const folded = await foldModel(key, architecture, weights)
  assert.deepEqual(folded.IC, [multiple(factor), ...key.IC.slice(1, 4)])
  assert.deepEqual(folded.vk_delta_2, key.vk_delta_2)
  assert.deepEqual((await foldModel(key, architecture, [0n, 0n, 0n, 0n])).IC[0], key.IC[0])
})

test('weights that are too many, too few or not below the group order are no model', async () => {
  const key = keyWith(2)
  const architecture = architectureOf(key, 2)
  for (const weights of [[1n], [1n, 2n, 3n], [1n, ORDER], [1n, -1n]])
    await assert.rejects(foldModel(key, architecture, weights), { code: 'PROOF_MALFORMED' })
})
