import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TypedDataEncoder } from 'ethers'
import { hashTypedData } from 'viem'
import vectors from '../../vectors/typed-data.json' with { type: 'json' }
import { streamCheckpointTypes } from '../streaming/checkpoint.ts'
import { streamTypes } from '../streaming/stream.ts'
import { assignmentTypes } from './assignment.ts'
import { auctionResultTypes } from './auctionResult.ts'
import { channelConfigTypes } from './channelConfig.ts'
import { eip712Domain } from './domain.ts'
import { keyRotationTypes } from './keyRotation.ts'
import { orderTypes } from './order.ts'
import { proofClaimTypes } from './proofClaim.ts'
import { receiptTypes } from './receipt.ts'
import { seatCommitTypes } from './seatCommit.ts'
import { seatRevealTypes } from './seatReveal.ts'
import { voucherTypes } from './voucher.ts'

const allTypes = {
  ...orderTypes,
  ...assignmentTypes,
  ...seatCommitTypes,
  ...receiptTypes,
  ...keyRotationTypes,
  ...channelConfigTypes,
  ...voucherTypes,
  ...seatRevealTypes,
  ...auctionResultTypes,
  ...proofClaimTypes,
  ...streamTypes,
  ...streamCheckpointTypes,
} as const

test('every kind of statement has a vector', () => {
  assert.deepEqual(new Set(vectors.map(({ struct }) => struct)), new Set(Object.keys(allTypes)))
})

for (const { name, domain, struct, message, structHash, digest } of vectors) {
  const types = { [struct]: allTypes[struct as keyof typeof allTypes] }
  const full = eip712Domain({ ...domain, verifyingContract: domain.verifyingContract as `0x${string}` })

  test(`${name}: viem gives the golden digest`, () => {
    assert.equal(hashTypedData({ domain: full, types, primaryType: struct, message } as never), digest)
  })

  test(`${name}: ethers gives the golden hashes`, () => {
    const mutable = Object.fromEntries(Object.entries(types).map(([key, fields]) => [key, [...fields]]))
    assert.equal(TypedDataEncoder.hashStruct(struct, mutable, message), structHash)
    assert.equal(TypedDataEncoder.hash(full, mutable, message), digest)
  })
}
