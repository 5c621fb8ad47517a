import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toHex, zeroAddress, zeroHash } from 'viem'
import { ChannelBook } from './book.ts'
import { type Ask, Payment } from './payment.ts'

const config = {
  payer: zeroAddress,
  payerKey: zeroAddress,
  providerId: 1,
  withdrawDelay: 1_000,
  salt: zeroHash,
}
const voucherOf = (maxCumulativeWei: bigint) => ({ maxCumulativeWei, signature: toHex(1n, { size: 65 }) })
const never = new AbortController().signal
const usage = (completionTokens: number) => ({ promptTokens: 0, completionTokens })

/** A token costs 10 wei, a step is 8 tokens, an answer at most 40. */
function setUp(voucherWei: bigint) {
  const sight = { fundedWei: 10_000n, claimedWei: 0n, closableAfter: 0, seenAt: 0 }
  const row = { channelId: zeroHash, config, sight, voucher: voucherOf(voucherWei), endedWei: 0n }
  const book = new ChannelBook(row, 100, () => 0)
  book.enter(zeroHash, 0n)
  const asks: Ask[] = []
  const stream = {
    channelId: zeroHash,
    requestHash: zeroHash,
    policy: zeroHash,
    mode: 0,
    requestWei: 0n,
    promptTokenWei: 0n,
    tokenWei: 10n,
    nonce: 0n,
    expiresAt: 0,
  }
  const time = { nowMs: 0 }
  const payment = new Payment({
    book,
    stream,
    streamId: zeroHash,
    stepTokens: 8,
    maxTokens: 40,
    waitMs: 1_000,
    nowMs: () => time.nowMs,
    ask: (ask) => asks.push(ask),
  })
  return { asks, book, payment, time }
}

describe('Payment', () => {
  test('asks for nothing as long as half a step is left, and never for more than the answer', async () => {
    const { asks, book, payment } = setUp(400n)
    for (let tokens = 1; tokens <= 40; tokens++) assert.equal(await payment.cover(usage(tokens), never), true)
    assert.deepEqual(asks, [])
    assert.equal(book.committedWei, 400n)
  })

  test('asks once for a whole step before the voucher is used up', async () => {
    const { asks, payment } = setUp(100n)
    for (let tokens = 1; tokens <= 10; tokens++) await payment.cover(usage(tokens), never)
    assert.deepEqual(
      asks,
      [{ needWei: 150n, untilMs: 1_000 }],
      'after the seventh token: 70 and a step of 80',
    )
  })

  test('a question that was paid does not stand in the way of the next one', async () => {
    const { asks, book, payment } = setUp(100n)
    for (let tokens = 1; tokens <= 40; tokens++) {
      const covered = payment.cover(usage(tokens), never)
      const need = asks.at(-1)?.needWei ?? 0n
      if (need > book.voucherWei) book.raise(voucherOf(need))
      assert.equal(await covered, true, `token ${tokens}`)
    }
    assert.equal(book.committedWei, 400n)
    assert.ok(asks.length <= 8, `${asks.length} questions`)
  })

  test('waits for what was asked, again if that was long ago, and ends when it is told to', async () => {
    const { asks, payment, time } = setUp(100n)
    for (let tokens = 1; tokens <= 10; tokens++) await payment.cover(usage(tokens), never)
    time.nowMs = 900
    const covered = payment.cover(usage(11), never)
    assert.equal(asks.length, 2)
    assert.equal(payment.untilMs, 1_900)
    payment.expire()
    assert.equal(await covered, false)
    assert.equal(payment.untilMs, undefined)
  })

  test('ends with the stream', async () => {
    const { payment } = setUp(0n)
    const end = new AbortController()
    const covered = payment.cover(usage(1), end.signal)
    end.abort()
    assert.equal(await covered, false)
  })
})
