import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keccak256, numberToHex, toHex } from 'viem'
import { type Clearing, clearAuction, type OpenBid, tieRank } from './clear.ts'

const RESERVE = 1_000n
const ROUNDS = 2_000

/** Small numbers from a fixed seed, so that ties, dust and the reserve price are frequent. */
function randomOf(seed: number) {
  let step = 0
  return (below: number) => Number(BigInt(keccak256(numberToHex(seed * 1_000 + step++))) % BigInt(below))
}

function randomBids(random: (below: number) => number): OpenBid[] {
  const scale = [3, 20, 1_100][random(3)]!
  const bid = (_: unknown, index: number) => ({
    providerId: index + 1,
    bidWei: BigInt(random(scale)),
    rank: BigInt(index),
  })
  return Array.from({ length: random(7) }, bid)
}

/** Every game of a property: random bids of up to six providers. */
function forAll(property: (bids: OpenBid[], random: (below: number) => number) => void) {
  for (let seed = 0; seed < ROUNDS; seed++) {
    const random = randomOf(seed)
    property(randomBids(random), random)
  }
}

const bids = (...pricesWei: bigint[]): OpenBid[] =>
  pricesWei.map((bidWei, index) => ({ providerId: index + 1, bidWei, rank: BigInt(index + 1) }))

test('the lowest bid wins and is paid the second lowest', () => {
  assert.deepEqual(clearAuction(bids(7n, 4n, 9n), RESERVE), { winnerId: 2, bidWei: 4n, priceWei: 7n })
})

test('the only bid is paid the reserve price', () => {
  assert.deepEqual(clearAuction(bids(4n), RESERVE), { winnerId: 1, bidWei: 4n, priceWei: RESERVE })
})

test('no bid, no winner', () => {
  assert.equal(clearAuction([], RESERVE), undefined)
  assert.equal(clearAuction(bids(RESERVE + 1n, -1n), RESERVE), undefined)
})

test('of equal bids the lower rank wins and is paid the same', () => {
  const tied = bids(5n, 5n)
  assert.deepEqual(clearAuction(tied, RESERVE), { winnerId: 1, bidWei: 5n, priceWei: 5n })
  const swapped = tied.map((bid) => ({ ...bid, rank: -bid.rank }))
  assert.equal(clearAuction(swapped, RESERVE)?.winnerId, 2)
})

test('equal bids of equal rank go to the lower provider id', () => {
  const tied = bids(5n, 5n).map((bid) => ({ ...bid, rank: 0n }))
  assert.equal(clearAuction(tied.toReversed(), RESERVE)?.winnerId, 1)
})

test('a bid of the reserve price or of zero counts', () => {
  assert.equal(clearAuction(bids(RESERVE), RESERVE)?.priceWei, RESERVE)
  assert.deepEqual(clearAuction(bids(0n, 0n), RESERVE), { winnerId: 1, bidWei: 0n, priceWei: 0n })
})

test('a second bid of the winner does not set the price', () => {
  const twice = [...bids(4n, 9n), { providerId: 1, bidWei: 5n, rank: 3n }]
  assert.deepEqual(clearAuction(twice, RESERVE), { winnerId: 1, bidWei: 4n, priceWei: 9n })
})

test('tie ranks differ by provider and auction', () => {
  const [one, other] = [keccak256(toHex('one')), keccak256(toHex('other'))]
  assert.equal(new Set([tieRank(one, 1), tieRank(one, 2), tieRank(other, 1)]).size, 3)
  assert.equal(tieRank(one, 1), tieRank(one, 1))
})

test('property: winner bid <= price <= reserve', () => {
  forAll((some) => {
    const clearing = clearAuction(some, RESERVE)
    if (!clearing) return assert.ok(some.every(({ bidWei }) => bidWei > RESERVE))
    assert.ok(clearing.bidWei <= clearing.priceWei && clearing.priceWei <= RESERVE)
  })
})

test('property: the order of the bids does not matter', () => {
  forAll((some, random) => {
    const shuffled = some
      .map((bid) => ({ bid, at: random(1_000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ bid }) => bid)
    assert.deepEqual(clearAuction(shuffled, RESERVE), clearAuction(some, RESERVE))
  })
})

test('property: one more bid never raises the price', () => {
  forAll((some, random) => {
    const before = clearAuction(some, RESERVE)
    const more = { providerId: 99, bidWei: BigInt(random(1_000)), rank: 99n }
    const after = clearAuction([...some, more], RESERVE)!
    assert.ok(!before || after.priceWei <= before.priceWei)
  })
})

test('property: no provider gains by another bid than its cost', () => {
  forAll((some, random) => {
    const [own, ...others] = some
    if (!own || own.bidWei > RESERVE) return
    const gain = (clearing: Clearing | undefined) =>
      clearing?.winnerId === own.providerId ? clearing.priceWei - own.bidWei : 0n
    const lie = { ...own, bidWei: BigInt(random(1_001)) }
    assert.ok(gain(clearAuction([lie, ...others], RESERVE)) <= gain(clearAuction(some, RESERVE)))
  })
})

test('property: keeping the two best while bids come in gives the same, as the contract does it', () => {
  forAll((some) => {
    let best: OpenBid | undefined
    let priceWei = RESERVE
    for (const bid of some.filter(({ bidWei }) => bidWei <= RESERVE)) {
      const wins = !best || bid.bidWei < best.bidWei || (bid.bidWei === best.bidWei && bid.rank < best.rank)
      if (!wins) {
        if (bid.bidWei < priceWei) priceWei = bid.bidWei
        continue
      }
      if (best) priceWei = best.bidWei
      best = bid
    }
    const running = best && { winnerId: best.providerId, bidWei: best.bidWei, priceWei }
    assert.deepEqual(clearAuction(some, RESERVE), running)
  })
})
