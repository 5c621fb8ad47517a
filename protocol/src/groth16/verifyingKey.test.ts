import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, keccak256, toBeHex } from 'ethers'
import { keyBytes, keyIdOf, snarkjsKeySchema } from './verifyingKey.ts'

const g1 = (x: number) => [`${x}`, `${x + 1}`, '1'] as const
const g2 = (x: number) =>
  [
    [`${x}`, `${x + 1}`],
    [`${x + 2}`, `${x + 3}`],
    ['1', '0'],
  ] as const

test('a key has its points in the canonical order, and an id over loader and points', () => {
  const parts = { vk_alpha_1: g1(1), vk_beta_2: g2(3), vk_gamma_2: g2(7), vk_delta_2: g2(11) }
  const key = keyBytes(snarkjsKeySchema.parse({ ...parts, IC: [g1(15), g1(17)], nPublic: 1 }))
  const words = [1, 2, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 15, 16, 17, 18]
  assert.equal(key, concat(words.map((value) => toBeHex(value, 32))))
  assert.equal(keyIdOf(key), keccak256(concat(['0x600b380380600b5f395ff300', key])))
})
