import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ExecutionProfile } from '@duckmesh/protocol'
import { type Address, keccak256, numberToHex, toHex } from 'viem'
import { chooseValidators, type ValidatorListing } from './chooseValidators.ts'

const secret = keccak256(toHex('secret'))
const profile: ExecutionProfile = {
  model: 'ab'.repeat(32),
  name: 'some',
  quantisation: 'Q8_0',
  tokenizer: 'llama/100',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'engine@1',
  kernelClass: 'avx2',
  contextTokens: 256,
}
const address = (id: number): Address => numberToHex(id, { size: 20 })
const listing = (providerId: number, fields: Partial<ValidatorListing> = {}): ValidatorListing => ({
  providerId,
  owner: address(providerId),
  signingKey: address(1_000 + providerId),
  endpoint: `http://node${providerId}.test`,
  profile,
  ...fields,
})
const accused = { providerId: 1, owner: address(1), profile, streamId: keccak256('0x01') }
const ids = (
  listings: ValidatorListing[],
  about = accused,
  by = secret,
  misjudged = new Map<number, number>(),
) => chooseValidators(listings, about, by, misjudged).map(({ providerId }) => providerId)

describe('chooseValidators', () => {
  test('never the provider itself, one of the same owner, another model or another engine', () => {
    const listings = [
      listing(1),
      listing(2, { owner: address(1) }),
      listing(3, { profile: { ...profile, model: 'cd'.repeat(32) } }),
      listing(4, { profile: { ...profile, engine: 'engine@2' } }),
      listing(5),
    ]
    assert.deepEqual(ids(listings), [5])
  })

  test('those whose CPU computes alike come first', () => {
    const other = { profile: { ...profile, kernelClass: 'sse42' } }
    for (let number = 0; number < 20; number += 1) {
      const about = { ...accused, streamId: keccak256(toHex(number)) }
      assert.equal(ids([listing(2, other), listing(3), listing(4, other)], about)[0], 3)
    }
  })

  test('the order follows from the secret and the stream alone, and falls on each in turn', () => {
    const listings = [2, 3, 4, 5].map((id) => listing(id))
    assert.deepEqual(ids(listings.toReversed()), ids(listings))
    const first = (number: number) => ids(listings, { ...accused, streamId: keccak256(toHex(number)) })[0]
    assert.equal(new Set(Array.from({ length: 40 }, (_, number) => first(number))).size, 4)
    const secrets = Array.from({ length: 40 }, (_, number) => keccak256(toHex(number)))
    assert.equal(new Set(secrets.map((by) => ids(listings, accused, by)[0])).size, 4)
  })

  test('one owner has one voice', () => {
    assert.equal(
      ids([listing(2), listing(3, { owner: address(2) }), listing(4, { owner: address(2) })]).length,
      1,
    )
  })

  test('who misjudged too often is not asked', () => {
    const misjudged = new Map([
      [2, 2],
      [3, 3],
    ])
    assert.deepEqual(ids([listing(2), listing(3)], accused, secret, misjudged), [2])
  })
})
