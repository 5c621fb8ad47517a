import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Providers, SkipReason } from '@duckmesh/protocol'
import { testModel, testProfile } from '../../../test/coordinatorInfo.ts'
import { nextPriceWei } from './nextPriceWei.ts'
import { runNonce } from './runNonce.ts'

const offering = (asks: Record<number, bigint>) =>
  Object.entries(asks).map(([id, minPriceWei]) => ({
    providerId: Number(id),
    isOnline: true,
    offers: [{ profile: testProfile, minPriceWei, streaming: null }],
  })) as unknown as Providers['providers']

const price = (
  asks: Record<number, bigint>,
  reasons: Record<number, SkipReason>,
  changes: { currentWei?: bigint; capWei?: bigint } = {},
) =>
  nextPriceWei({
    currentWei: 3n,
    capWei: 100n,
    seats: 3,
    policy: testModel.policy,
    skipped: Object.entries(reasons).map(([id, reason]) => ({ providerId: Number(id), reason, fix: '' })),
    providers: offering(asks),
    ...changes,
  })

describe('nextPriceWei', () => {
  const asks = { 1: 1n, 2: 5n, 3: 7n, 4: 20n }

  it('default: what the cheapest providers ask that only the price kept away, and no more', () => {
    assert.equal(price(asks, { 2: 'PRICE_TOO_LOW', 3: 'PRICE_TOO_LOW', 4: 'PRICE_TOO_LOW' }), 21n)
  })

  it('behavior: who is away for another reason is not bought', () => {
    assert.equal(price(asks, { 2: 'OFFLINE', 3: 'PRICE_TOO_LOW', 4: 'PRICE_TOO_LOW' }), 60n)
  })

  it('behavior: never above the cap, and not raised at all when that would not fill the seats', () => {
    assert.equal(price(asks, { 3: 'PRICE_TOO_LOW' }, { capWei: 21n }), 21n)
    assert.equal(price(asks, { 3: 'PRICE_TOO_LOW' }, { capWei: 20n }), 3n)
    assert.equal(price({ 1: 1n, 2: 5n }, {}), 3n)
    assert.equal(price(asks, { 2: 'STAKE_TOO_LOW', 3: 'AT_CAPACITY' }), 3n)
  })

  it('behavior: never falls', () => {
    assert.equal(price(asks, {}, { currentWei: 50n }), 50n)
  })
})

describe('runNonce', () => {
  const account = '0x00000000000000000000000000000000000000aa'

  it('default: follows from account, run and generation, in one word of the chain for a run', () => {
    const first = runNonce(account, 'run-1', 0)
    assert.equal(first, runNonce(account, 'run-1', 0))
    assert.ok(first < 1n << 64n)
    assert.equal(runNonce(account, 'run-1', 5), first + 5n)
    assert.notEqual(first >> 8n, runNonce(account, 'run-2', 0) >> 8n)
    assert.notEqual(first >> 8n, runNonce('0x00000000000000000000000000000000000000bb', 'run-1', 0) >> 8n)
  })

  it('error: a run id that leads out of a folder, and too many refunds', () => {
    for (const runId of ['', 'a/b', '../x', 'x'.repeat(65), 'a b']) {
      assert.throws(() => runNonce(account, runId, 0), { code: 'BAD_REQUEST' }, runId)
    }
    assert.throws(() => runNonce(account, 'x', 256), { code: 'BAD_REQUEST' })
  })
})
