import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AbiCoder, keccak256 } from 'ethers'
import { bidCommitmentOf, type SealedBid } from './commitment.ts'

const word = (digits: string) => `0x${digits.repeat(32)}` as const
const bid: SealedBid = { auctionId: word('a1'), providerId: 7, bidWei: 4n * 10n ** 18n, salt: word('5a') }

test('is what ethers computes', () => {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ['bytes32', 'uint32', 'uint96', 'bytes32'],
    [bid.auctionId, bid.providerId, bid.bidWei, bid.salt],
  )
  assert.equal(bidCommitmentOf(bid), keccak256(encoded))
})

test('every field changes it', () => {
  const changes: Partial<SealedBid>[] = [
    { auctionId: word('a2') },
    { providerId: 8 },
    { bidWei: 1n },
    { salt: word('5b') },
  ]
  const all = changes.map((change) => bidCommitmentOf({ ...bid, ...change }))
  assert.equal(new Set([bidCommitmentOf(bid), ...all]).size, changes.length + 1)
})
