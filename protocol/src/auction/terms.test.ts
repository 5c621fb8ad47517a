import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keccak256, toHex } from 'viem'
import type { Order } from '../typed-data/order.ts'
import { type AuctionTerms, auctionIdOf, awardedOrder } from './terms.ts'

const address = (digits: string) => `0x${digits.repeat(20)}` as const
const order: Order = {
  requester: address('a1'),
  coordinator: address('c0'),
  providerId: 0,
  kind: 0,
  mode: 0,
  seats: 1,
  priceWei: 9n,
  bondWei: 20n,
  modelId: keccak256(toHex('model')),
  inputHash: keccak256(toHex('input')),
  policy: keccak256(toHex('policy')),
  nonce: 1n,
  acceptBy: 4_000,
  execWindow: 600,
  disputeWindow: 900,
}
const terms: AuctionTerms = { order, commitBy: 1_000, revealBy: 2_000, closeBy: 3_000 }
const domain = { chainId: 31337, auction: address('ac') }

test('chain, contract and every term change the name of an auction', () => {
  const names = [
    auctionIdOf(domain, terms),
    auctionIdOf({ ...domain, chainId: 1 }, terms),
    auctionIdOf({ ...domain, auction: address('ad') }, terms),
    auctionIdOf(domain, { ...terms, commitBy: 1_001 }),
    auctionIdOf(domain, { ...terms, revealBy: 2_001 }),
    auctionIdOf(domain, { ...terms, closeBy: 3_001 }),
    auctionIdOf(domain, { ...terms, order: { ...order, nonce: 2n } }),
  ]
  assert.equal(new Set(names).size, names.length)
})

test('the awarded order differs in winner and price alone', () => {
  assert.deepEqual(awardedOrder(terms, 7, 5n), { ...order, providerId: 7, priceWei: 5n })
  assert.equal(order.providerId, 0)
})
