import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hex } from 'viem'
import file from '../../vectors/vrf-secp256k1.json' with { type: 'json' }
import { vrfProve, vrfVerify } from './vrf.ts'

const vectors = file.vectors as {
  secretKey: Hex | null
  publicKey: Hex
  alpha: Hex
  proof: Hex
  output: Hex
}[]

test('every published proof verifies to the published output', () => {
  for (const { publicKey, alpha, proof, output } of vectors) {
    assert.equal(vrfVerify(publicKey, alpha, proof), output)
  }
})

test('proving gives the published proof byte for byte', () => {
  const withKey = vectors.filter((vector) => vector.secretKey)
  assert.equal(withKey.length, 11)
  for (const { secretKey, alpha, proof, output } of withKey) {
    assert.deepEqual(vrfProve(secretKey!, alpha), { proof, output })
  }
})

test('a flipped bit anywhere in the proof, another message or another key is refused', () => {
  const { publicKey, alpha, proof } = vectors[1]!
  for (let index = 4; index < proof.length; index += 7) {
    const flipped = (Number.parseInt(proof[index]!, 16) ^ 1).toString(16)
    const forged = `${proof.slice(0, index)}${flipped}${proof.slice(index + 1)}` as Hex
    assert.equal(vrfVerify(publicKey, alpha, forged), undefined, `bit at nibble ${index}`)
  }
  assert.equal(vrfVerify(publicKey, `${alpha}00`, proof), undefined)
  assert.equal(vrfVerify(vectors[2]!.publicKey, alpha, proof), undefined)
})

test('malformed proofs and keys are refused, not thrown', () => {
  const { publicKey, alpha, proof } = vectors[1]!
  assert.equal(vrfVerify(publicKey, alpha, proof.slice(0, -2) as Hex), undefined)
  assert.equal(vrfVerify(publicKey, alpha, `${proof}00`), undefined)
  assert.equal(vrfVerify(`0x05${publicKey.slice(4)}`, alpha, proof), undefined)
})
