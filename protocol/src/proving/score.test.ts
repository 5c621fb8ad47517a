import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NEWCOMER_BPS, rankBids, reputationBps } from './score.ts'

// worked out by hand: success, quality and speed in 1/10,000, each rounded down, then 50, 30 and 20 of 100
const reputations = [
  { record: { proofs: 0, failures: 0, qualitySumBps: 0, elapsedSumMs: 0 }, bps: NEWCOMER_BPS },
  { record: { proofs: 0, failures: 3, qualitySumBps: 0, elapsedSumMs: 0 }, bps: 0 },
  { record: { proofs: 1, failures: 0, qualitySumBps: 10_000, elapsedSumMs: 900 }, bps: 10_000 },
  { record: { proofs: 1, failures: 1, qualitySumBps: 10_000, elapsedSumMs: 500 }, bps: 7_500 },
  // 6,666 and 7,500 and 10,000 · 1,000 / 1,500 = 6,666: (333,300 + 225,000 + 133,320) / 100
  { record: { proofs: 2, failures: 1, qualitySumBps: 15_000, elapsedSumMs: 3_001 }, bps: 6_916 },
  { record: { proofs: 3, failures: 4, qualitySumBps: 20_000, elapsedSumMs: 40_000 }, bps: 4_292 },
]

test('reputation is 50 % success, 30 % quality, 20 % speed in exact integers', () => {
  for (const { record, bps } of reputations)
    assert.equal(reputationBps(record, 1_000), bps, JSON.stringify(record))
})

test('an auction weighs price 70 to reputation 30, and ties go to the lower id', () => {
  const ranked = rankBids([
    { proverId: 4, priceWei: 300n, reputationBps: 9_000 },
    { proverId: 3, priceWei: 200n, reputationBps: 5_000 },
    { proverId: 2, priceWei: 200n, reputationBps: 5_000 },
    { proverId: 1, priceWei: 201n, reputationBps: 10_000 },
  ])
  // 200/201: 9,950 · 7,000 + 10,000 · 3,000; 200/300: 6,666 · 7,000 + 9,000 · 3,000; over 10,000
  assert.deepEqual(
    ranked.map(({ proverId, scoreBps }) => [proverId, scoreBps]),
    [
      [1, 9_965],
      [2, 8_500],
      [3, 8_500],
      [4, 7_366],
    ],
  )
})

test('a prover that asks nothing is the cheapest, and amounts beyond 2^53 are exact', () => {
  const rich = 2n ** 95n
  const free = rankBids([
    { proverId: 1, priceWei: rich, reputationBps: 0 },
    { proverId: 2, priceWei: 0n, reputationBps: 0 },
  ])
  assert.deepEqual(
    free.map(({ scoreBps }) => scoreBps),
    [7_000, 0],
  )
  const near = rankBids([
    { proverId: 1, priceWei: rich + 1n, reputationBps: 0 },
    { proverId: 2, priceWei: rich, reputationBps: 0 },
  ])
  assert.deepEqual(
    near.map(({ proverId, scoreBps }) => [proverId, scoreBps]),
    [
      [2, 7_000],
      [1, 6_999],
    ],
  )
  assert.deepEqual(rankBids([]), [])
})

test('other weights can turn a decision round', () => {
  const bids = [
    { proverId: 1, priceWei: 100n, reputationBps: 1_000 },
    { proverId: 2, priceWei: 150n, reputationBps: 9_000 },
  ]
  assert.equal(rankBids(bids)[0]?.proverId, 2)
  assert.equal(rankBids(bids, { priceBps: 9_000, reputationBps: 1_000 })[0]?.proverId, 1)
})
