import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zeroAddress, zeroHash } from 'viem'
import type { Order } from '../typed-data/order.ts'
import { judgeShareWei, leastBondWei, rounds, seatCount, seatShareWei } from './rounds.ts'

const order: Order = {
  requester: zeroAddress,
  coordinator: zeroAddress,
  providerId: 0,
  kind: 0,
  mode: 1,
  seats: 5,
  priceWei: 11n,
  bondWei: 23n,
  modelId: zeroHash,
  inputHash: zeroHash,
  policy: zeroHash,
  nonce: 0n,
  acceptBy: 0,
  execWindow: 0,
  disputeWindow: 0,
}

test('a re-execution has three seats, the other rounds as many as ordered', () => {
  assert.deepEqual(
    [rounds.first, rounds.reseat, rounds.dispute].map((round) => seatCount(order, round)),
    [5, 5, 3],
  )
})

test('a judge earns its part of half of the bond; the burned half is rounded up', () => {
  assert.equal(judgeShareWei(23n, 2), 5n) // 12 burned, 11 to divide, 1 of dust
  assert.equal(judgeShareWei(23n, 3), 3n)
  assert.equal(judgeShareWei(1n, 3), 0n)
})

test('a seat is certain of its share of the price, or of the bond when all three agree', () => {
  assert.deepEqual(
    [rounds.first, rounds.reseat, rounds.dispute].map((round) => seatShareWei(order, round)),
    [2n, 2n, 3n],
  )
})

test('the least bond pays each judge what it asks, and one wei less does not', () => {
  for (const askedWei of [1n, 7n, 10n ** 17n]) {
    assert.equal(judgeShareWei(leastBondWei(askedWei), 3), askedWei)
    assert.ok(judgeShareWei(leastBondWei(askedWei) - 1n, 3) < askedWei)
  }
})
