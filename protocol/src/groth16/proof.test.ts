import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snarkjsProofSchema, wordsOfProof } from './proof.ts'

const g1 = (x: number) => [`${x}`, `${x + 1}`, '1'] as const
const g2 = (x: number) =>
  [
    [`${x}`, `${x + 1}`],
    [`${x + 2}`, `${x + 3}`],
    ['1', '0'],
  ] as const

test('a proof has its words in the order of the chain, imaginary parts first', () => {
  const proof = snarkjsProofSchema.parse({ pi_a: g1(1), pi_b: g2(3), pi_c: g1(7), protocol: 'groth16' })
  assert.deepEqual(wordsOfProof(proof), [1n, 2n, 4n, 3n, 6n, 5n, 7n, 8n])
})

test('a proof with a zero point or with something else than numbers is refused', () => {
  for (const pi_a of [
    ['0', '1', '0'],
    ['0x1', '2', '1'],
    ['-1', '2', '1'],
    ['1', '2'],
  ]) {
    assert.equal(snarkjsProofSchema.safeParse({ pi_a, pi_b: g2(3), pi_c: g1(7) }).success, false)
  }
})
