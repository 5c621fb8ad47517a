// Top-ups and withdrawals over the real books and a scripted chain: what a crash or a lost answer leaves is mended.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import {
  type CreditChain,
  type CreditStore,
  payOut,
  type TransferParts,
  tendCredit,
  topUp,
} from '@duckmesh/gateway/home'
import { bytesToHex, getAddress, type Hex } from 'viem'
import { createCreditStore } from '../src/adapters/store/creditQueries.ts'
import { type OpenDatabase, openDatabase } from '../src/adapters/store/openDatabase.ts'

const payee = getAddress(`0x${'aa'.repeat(20)}`)
let opened: OpenDatabase
let store: CreditStore
let account: Hex
let chain: ReturnType<typeof scriptedChain>
let parts: TransferParts

before(async () => {
  opened = await openDatabase(undefined, 'memory://')
  store = createCreditStore(opened)
})
after(() => opened.close())
beforeEach(() => {
  account = getAddress(bytesToHex(randomBytes(20)))
  chain = scriptedChain()
  parts = { store, chain, nowMs: () => 1, minTopUpWei: 10n }
})

/** A chain that does what the test says with what it is sent. */
function scriptedChain() {
  const script = {
    timestamp: 1_000,
    /** Blocks that must still follow whatever happens. */
    blocksLeft: 0,
    canPayWei: 1_000_000n,
    /** What happens to the next sends: mined and answered, mined though the answer is lost, or not at all. */
    fate: 'mined' as 'mined' | 'answer lost' | 'lost',
    used: new Set<Hex>(),
    voided: new Set<Hex>(),
    sends: 0,
  }
  const port: CreditChain = {
    payee,
    token: payee,
    head: async () => ({ number: 1n, timestamp: script.timestamp }),
    fateOf: async ({ nonce, authorization }) => {
      const { blocksLeft } = script
      if (script.voided.has(nonce)) return { state: 'void', blocksLeft }
      if (script.used.has(nonce)) return { state: 'done', blocksLeft }
      if (BigInt(script.timestamp) >= authorization.validBefore) return { state: 'expired', blocksLeft: 0 }
      return { state: 'unused', blocksLeft: null }
    },
    simulate: async () => undefined,
    sign: async () => '0x12',
    send: async ({ nonce }) => {
      script.sends++
      if (script.fate !== 'lost') script.used.add(nonce)
      if (script.fate !== 'mined') throw new Error('no answer')
    },
    payableWei: async () => script.canPayWei,
    balanceWallet: async () => undefined,
  }
  return Object.assign(script, port)
}

const body = (amountWei = 100n) => ({
  amountWei,
  validAfter: 0,
  validBefore: 2_000,
  nonce: bytesToHex(randomBytes(32)),
  signature: '0x12' as const,
})
const free = async () => (await store.balance(account))?.freeWei ?? 0n

test('a top-up whose answer is lost is credited by the state of the chain', async () => {
  chain.fate = 'answer lost'
  assert.equal((await topUp(parts, account, body())).state, 'done')
  assert.equal(await free(), 100n)
})

test('a top-up that was not mined stays open, is sent again by housekeeping, and counts once', async () => {
  chain.fate = 'lost'
  const paid = body()
  await assert.rejects(topUp(parts, account, paid))
  assert.equal(await free(), 0n)
  chain.fate = 'mined'
  await tendCredit(parts)
  await tendCredit(parts)
  assert.equal((await topUp(parts, account, paid)).state, 'done')
  assert.deepEqual([await free(), chain.sends], [100n, 2])
})

test('a process that dies after the send and before the books: the next one credits it, without sending again', async () => {
  const paid = body()
  const dying: CreditStore = { ...store, endTransfer: () => Promise.reject(new Error('killed')) }
  await assert.rejects(topUp({ ...parts, store: dying }, account, paid))
  assert.equal(await free(), 0n)
  await tendCredit(parts)
  assert.deepEqual([await free(), chain.sends], [100n, 1])
})

test('a nonce that was used elsewhere, or whose time is over, gives nothing', async () => {
  const [elsewhere, late] = [body(), body()]
  chain.voided.add(elsewhere.nonce)
  assert.equal((await topUp(parts, account, elsewhere)).state, 'failed')
  chain.fate = 'lost'
  await assert.rejects(topUp(parts, account, late))
  chain.timestamp = 2_000
  await tendCredit(parts)
  assert.equal((await topUp(parts, account, late)).state, 'failed')
  assert.equal(await free(), 0n)
})

test('a withdrawal that is never mined comes back after its time; one whose answer is lost does not', async () => {
  await topUp(parts, account, body(1_000n))
  chain.fate = 'answer lost'
  assert.equal((await payOut(parts, account, 300n)).state, 'done')
  chain.fate = 'lost'
  assert.equal((await payOut(parts, account, 200n)).state, 'open')
  assert.equal(await free(), 500n)
  await tendCredit(parts)
  assert.equal(await free(), 500n, 'it may still happen')
  chain.timestamp += 3_600
  await tendCredit(parts)
  await tendCredit(parts)
  assert.equal(await free(), 700n)
})

test('a withdrawal that the gateway cannot pay now takes nothing; transfers of others are not to be had', async () => {
  const paid = body(1_000n)
  await topUp(parts, account, paid)
  chain.canPayWei = 999n
  await assert.rejects(payOut(parts, account, 1_000n), { code: 'CREDIT_NOT_PAID_OUT' })
  assert.equal(await free(), 1_000n)
  const thief = getAddress(bytesToHex(randomBytes(20)))
  await assert.rejects(topUp(parts, thief, paid), { code: 'FORBIDDEN' })
  await assert.rejects(payOut(parts, thief, 1n), { code: 'CREDIT_TOO_LOW' })
})

test('a top-up that is good for ever, or too many at once, are refused', async () => {
  const forEver = { ...body(), validBefore: 2 ** 39 }
  await assert.rejects(topUp(parts, account, forEver), { code: 'BAD_REQUEST' })
  chain.fate = 'lost'
  for (let times = 0; times < 4; times++) await assert.rejects(topUp(parts, account, body()), /no answer/)
  await assert.rejects(topUp(parts, account, body()), { code: 'RATE_LIMITED' })
})
