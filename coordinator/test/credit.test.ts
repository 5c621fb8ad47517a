// The books of prepaid credit over each database: nothing is made, lost or spent twice.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CreditStore, TransferRecord } from '@duckmesh/gateway/home'
import { getAddress, type Hex, keccak256, stringToHex } from 'viem'
import { createCreditStore } from '../src/adapters/store/creditQueries.ts'
import type { OpenDatabase } from '../src/adapters/store/openDatabase.ts'
import { onEachDatabase } from './onEachDatabase.ts'

onEachDatabase((open) => {
  let opened: OpenDatabase
  let store: CreditStore
  before(async () => {
    opened = await open()
    store = createCreditStore(opened)
  })
  after(() => opened.close())

  const hash = (name: string): Hex => keccak256(stringToHex(name))
  const accountOf = (name: string) => getAddress(hash(name).slice(0, 42))
  const payee = accountOf('gateway')

  function transferOf(name: string, direction: 'in' | 'out', amountWei: bigint): TransferRecord {
    const account = accountOf(name)
    const nonce = hash(`${name} ${Math.random()}`)
    const [from, to] = direction === 'in' ? [account, payee] : [payee, account]
    return {
      nonce,
      direction,
      amountWei,
      state: 'open',
      account,
      authorization: { from, to, value: amountWei, validAfter: 0n, validBefore: 2n ** 40n, nonce },
      signature: '0x12',
      fromBlock: 1n,
      createdAtMs: 5,
    }
  }

  async function payIn(name: string, amountWei: bigint): Promise<void> {
    const transfer = transferOf(name, 'in', amountWei)
    await store.beginTransfer(transfer)
    await store.endTransfer(transfer.nonce, 'done')
  }

  async function addKey(name: string, limitWei: bigint | null = null): Promise<string> {
    const keyId = hash(`key ${name} ${Math.random()}`)
    const stated = { keyId, keyHash: keyId, account: accountOf(name), label: name, limitWei }
    await store.addKey({ ...stated, committedWei: 0n, createdAtMs: 1, revokedAtMs: null })
    return keyId
  }

  const holdOf = (name: string, keyId: string, holdId: string, amountWei: bigint, untilMs = 1_000) =>
    store.hold({ holdId, keyId, account: accountOf(name), amountWei, untilMs })
  const balanceOf = (name: string) => store.balance(accountOf(name))

  test('a top-up counts once, however often it is said to be done', async () => {
    const transfer = transferOf('teal', 'in', 500n)
    assert.equal(await store.beginTransfer(transfer), 'begun')
    assert.equal(await store.beginTransfer(transfer), 'exists')
    assert.equal(await balanceOf('teal'), undefined, 'nothing before it is done')
    for (let times = 0; times < 3; times++) await store.endTransfer(transfer.nonce, 'done')
    await store.endTransfer(transfer.nonce, 'failed')
    assert.deepEqual(await balanceOf('teal'), { freeWei: 500n, heldWei: 0n, spentWei: 0n })
    assert.deepEqual(await store.transfer(transfer.nonce), { ...transfer, state: 'done' })
  })

  test('a withdrawal is taken at once, and comes back whole when it fails', async () => {
    await payIn('eider', 100n)
    const [first, second] = [transferOf('eider', 'out', 70n), transferOf('eider', 'out', 70n)]
    assert.equal(await store.beginTransfer(first), 'begun')
    assert.equal(await store.beginTransfer(second), 'low')
    assert.equal(await store.transfer(second.nonce), undefined, 'nothing of it is kept')
    assert.equal((await balanceOf('eider'))?.freeWei, 30n)
    await store.endTransfer(first.nonce, 'failed')
    await store.endTransfer(first.nonce, 'failed')
    assert.equal((await balanceOf('eider'))?.freeWei, 100n)
  })

  test('a hold is settled once, at most at what was held; a crashed one is freed after its time', async () => {
    await payIn('smew', 1_000n)
    const keyId = await addKey('smew')
    assert.equal(await holdOf('smew', keyId, 'smew 1', 400n), 'held')
    assert.equal(await holdOf('smew', keyId, 'smew 2', 500n, 2_000), 'held')
    assert.equal(await holdOf('smew', keyId, 'smew 3', 101n), 'low')
    assert.deepEqual(await balanceOf('smew'), { freeWei: 100n, heldWei: 900n, spentWei: 0n })
    assert.equal(await store.settle('smew 1', 999n), true)
    assert.equal(await store.settle('smew 1', 999n), false)
    assert.deepEqual(await balanceOf('smew'), { freeWei: 100n, heldWei: 500n, spentWei: 400n })
    assert.equal(await store.releaseExpired(1_500), 0)
    assert.equal(await store.releaseExpired(2_500), 1)
    assert.equal(await store.settle('smew 2', 10n), false, 'its time is over')
    assert.deepEqual(await balanceOf('smew'), { freeWei: 600n, heldWei: 0n, spentWei: 400n })
  })

  test('a key has a limit of its own, and ends when it is revoked', async () => {
    await payIn('wigeon', 1_000n)
    const keyId = await addKey('wigeon', 300n)
    assert.equal(await holdOf('wigeon', keyId, 'wigeon 1', 200n), 'held')
    assert.equal(await holdOf('wigeon', keyId, 'wigeon 2', 200n), 'limit')
    assert.equal((await balanceOf('wigeon'))?.freeWei, 800n, 'a refusal takes nothing')
    await store.settle('wigeon 1', 50n)
    assert.equal((await store.keyByHash(keyId))?.committedWei, 50n)
    assert.equal(await store.revokeKey(accountOf('teal'), keyId, 9), false, 'by its account alone')
    assert.equal(await store.revokeKey(accountOf('wigeon'), keyId, 9), true)
    assert.equal(await holdOf('wigeon', keyId, 'wigeon 3', 1n), 'revoked')
    assert.equal(
      await holdOf('teal', keyId, 'teal 1', 1n),
      'revoked',
      'a key spends the money of its account alone',
    )
    assert.equal((await balanceOf('wigeon'))?.freeWei, 950n)
  })

  test('many requests at once never take more than there is, and every wei is accounted for', async () => {
    await payIn('pintail', 1_000n)
    const keyId = await addKey('pintail')
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const holdId = `pintail ${index}`
        const outcome = await holdOf('pintail', keyId, holdId, 50n)
        if (outcome === 'held' && index % 3 !== 0) await store.settle(holdId, BigInt(index))
        return outcome
      }),
    )
    assert.ok(outcomes.includes('held') && outcomes.includes('low'))
    const out = transferOf('pintail', 'out', (await balanceOf('pintail'))?.freeWei ?? 0n)
    if (out.amountWei > 0n) await store.beginTransfer(out)
    const { freeWei, heldWei, spentWei } = (await balanceOf('pintail'))!
    assert.ok(freeWei >= 0n && heldWei > 0n && spentWei > 0n)
    assert.equal(freeWei + heldWei + spentWei + out.amountWei, 1_000n)
  })

  test('amounts beyond 2^64 stay exact', async () => {
    const whale = 2n ** 95n + 1n
    await payIn('whale', whale)
    const keyId = await addKey('whale')
    await holdOf('whale', keyId, 'whale 1', whale)
    await store.settle('whale 1', 1n)
    assert.deepEqual(await balanceOf('whale'), { freeWei: whale - 1n, heldWei: 0n, spentWei: 1n })
  })
})
