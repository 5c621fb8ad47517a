import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toHex, zeroAddress, zeroHash } from 'viem'
import { ChannelBook } from './book.ts'

const config = {
  payer: zeroAddress,
  payerKey: zeroAddress,
  providerId: 1,
  withdrawDelay: 1_000,
  salt: zeroHash,
}
const voucherOf = (maxCumulativeWei: bigint) => ({ maxCumulativeWei, signature: toHex(1n, { size: 65 }) })
const idOf = (number: number) => toHex(number, { size: 32 })
const never = new AbortController().signal

function bookOf({
  fundedWei = 1_000n,
  voucherWei = 1_000n,
  endedWei = 0n,
  nowSeconds = (): number => 0,
} = {}) {
  const sight = { fundedWei, claimedWei: 0n, closableAfter: 0, seenAt: 0 }
  const row = { channelId: zeroHash, config, sight, voucher: voucherOf(voucherWei), endedWei }
  return new ChannelBook(row, 100, nowSeconds)
}

describe('ChannelBook', () => {
  test('gives up to the voucher and no further, and never more than the channel holds', () => {
    for (const book of [bookOf({ voucherWei: 500n }), bookOf({ fundedWei: 500n })]) {
      book.enter(idOf(1), 0n)
      assert.equal(book.reserve(idOf(1), 500n), true)
      assert.equal(book.reserve(idOf(1), 501n), false)
    }
  })

  test('what ended streams cost is not given again', () => {
    const book = bookOf({ endedWei: 900n })
    book.enter(idOf(1), 0n)
    assert.equal(book.reserve(idOf(1), 101n), false)
    assert.equal(book.reserve(idOf(1), 100n), true)
    book.leave(idOf(1), 40n)
    assert.equal(book.committedWei, 940n, 'what was reserved and not used is free again')
  })

  test('a stream that has left reserves nothing, and leaves once', () => {
    const book = bookOf()
    book.enter(idOf(1), 10n)
    book.leave(idOf(1), 10n)
    book.leave(idOf(1), 10n)
    assert.equal(book.endedWei, 10n)
    assert.equal(book.reserve(idOf(1), 20n), false)
  })

  test('those that wait are served in turn, and nobody passes them', async () => {
    const book = bookOf({ voucherWei: 100n })
    for (const number of [1, 2, 3]) book.enter(idOf(number), 0n)
    assert.equal(book.reserve(idOf(1), 100n), true)
    const served: number[] = []
    const waits = [2, 3].map(async (number) => {
      assert.equal(await book.waitFor(idOf(number), 60n, never), true)
      served.push(number)
    })
    assert.equal(book.wantedWei, 120n)
    assert.equal(book.reserve(idOf(1), 101n), false)
    book.raise(voucherOf(150n))
    assert.equal(book.reserve(idOf(1), 101n), false, 'fifty are left, and the first in turn wants sixty')
    book.raise(voucherOf(220n))
    await Promise.all(waits)
    assert.deepEqual(served, [2, 3])
    assert.equal(book.committedWei, 220n)
  })

  test('who gives up waiting lets the next one have its turn', async () => {
    const book = bookOf({ voucherWei: 50n })
    for (const number of [1, 2]) book.enter(idOf(number), 0n)
    const end = new AbortController()
    const first = book.waitFor(idOf(1), 60n, end.signal)
    const second = book.waitFor(idOf(2), 50n, never)
    end.abort()
    assert.deepEqual(await Promise.all([first, second]), [false, true])
  })

  test('a lower or equal voucher changes nothing', () => {
    const book = bookOf({ voucherWei: 100n })
    assert.equal(book.raise(voucherOf(100n)), false)
    assert.equal(book.raise(voucherOf(99n)), false)
    assert.equal(book.voucherWei, 100n)
  })

  test('gives nothing any more when the payer could soon have its money back', () => {
    let nowSeconds = 0
    const book = bookOf({ nowSeconds: () => nowSeconds })
    book.enter(idOf(1), 0n)
    nowSeconds = 900
    assert.equal(book.reserve(idOf(1), 1n), true, 'the last second without news: delay less margin')
    nowSeconds = 901
    assert.equal(book.reserve(idOf(1), 2n), false)
    book.see({ ...book.sight, seenAt: 901 })
    assert.equal(book.reserve(idOf(1), 2n), true, 'there is news')
    book.see({ ...book.sight, closableAfter: 1_001 })
    assert.equal(book.reserve(idOf(1), 3n), true)
    nowSeconds = 902
    assert.equal(book.reserve(idOf(1), 4n), false, 'a close ends in less than the margin')
  })

  test('property: whatever happens in whatever order, no more is committed than promised and held', async () => {
    let seed = 42
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    for (let round = 0; round < 50; round++) {
      let [fundedWei, voucherWei] = [BigInt(random(500)), BigInt(random(500))]
      const book = bookOf({ fundedWei, voucherWei })
      const waits: AbortController[] = []
      for (let step = 0; step < 200; step++) {
        const id = idOf(random(6))
        const isRunning = book.openStreams.includes(id)
        const pick = random(8)
        if (pick === 0 && !isRunning) book.enter(id, 0n)
        else if (pick === 1) book.leave(id, BigInt(random(Number(book.reservedWei(id)) + 1)))
        else if (pick === 2) {
          voucherWei = voucherWei + BigInt(random(100))
          book.raise(voucherOf(voucherWei))
        } else if (pick === 3) {
          fundedWei += BigInt(random(100))
          book.see({ ...book.sight, fundedWei })
        } else if (pick === 4 && isRunning) {
          const end = new AbortController()
          waits.push(end)
          void book.waitFor(id, book.reservedWei(id) + BigInt(random(100)), end.signal)
        } else if (pick === 5) waits.pop()?.abort()
        else if (isRunning) book.reserve(id, book.reservedWei(id) + BigInt(random(50)))
        const mostWei = fundedWei < voucherWei ? fundedWei : voucherWei
        assert.ok(book.committedWei <= mostWei, `${book.committedWei} > ${mostWei} in step ${step}`)
      }
      for (const end of waits) end.abort()
    }
  })
})
