import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbiCoder, keccak256 } from 'ethers'
import { padHex } from 'viem'
import { seatsDigest } from './seatsDigest.ts'

const commitments = (['0x0a', '0x0b', '0x0c'] as const).map((word) => padHex(word, { size: 32 }))
const round = { seats: [7, 2, 300], commitments }

test('is the hash that ethers gives for the ABI coding of both lists', () => {
  const encoded = AbiCoder.defaultAbiCoder().encode(['uint32[]', 'bytes32[]'], [round.seats, commitments])
  assert.equal(seatsDigest(round), keccak256(encoded))
})

test('another seat, another commitment and another order change it', () => {
  const others = [
    { seats: [7, 2, 301], commitments },
    { seats: [7, 300, 2], commitments },
    { seats: round.seats, commitments: commitments.toReversed() },
  ]
  const digests = [round, ...others].map(seatsDigest)
  assert.equal(new Set(digests).size, digests.length)
})
