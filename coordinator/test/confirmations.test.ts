// Top-ups and withdrawals over the real books and a real chain that reorganises its last blocks.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import {
  type CreditStore,
  connectCreditChain,
  payOut,
  readCredit,
  type TransferParts,
  tendCredit,
  topUp,
} from '@duckmesh/gateway/home'
import { deployMesh, devAccount, devIndex, fundAccounts, startAnvil } from '@duckmesh/local-chain'
import { authorizationTypedData, duckTokenAbi, parseDuck } from '@duckmesh/protocol'
import {
  type Address,
  bytesToHex,
  createTestClient,
  type Hex,
  http,
  publicActions,
  walletActions,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import { createCreditStore } from '../src/adapters/store/creditQueries.ts'
import { type OpenDatabase, openDatabase } from '../src/adapters/store/openDatabase.ts'

const CONFIRMATIONS = 4
const gateway = devAccount(devIndex.coordinator)
const elsewhere = devAccount(devIndex.treasury).address

let folder: string
let anvil: Awaited<ReturnType<typeof startAnvil>>
let client: ReturnType<typeof connect>
let token: Address
let mesh: Address
let opened: OpenDatabase
let store: CreditStore
let parts: TransferParts
/** A customer of its own for each test, with 10 DUCK in the wallet. */
let customer: ReturnType<typeof privateKeyToAccount>

const connect = (rpcUrl: string) =>
  createTestClient({
    chain: foundry,
    mode: 'anvil',
    transport: http(rpcUrl),
    pollingInterval: 20,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckmesh-confirmations-'))
  anvil = await startAnvil(folder, false)
  client = connect(anvil.rpcUrl)
  const deployer = devAccount(devIndex.deployer)
  ;({ mesh, token } = await deployMesh(anvil.rpcUrl, deployer, elsewhere))
  opened = await openDatabase(undefined, 'memory://')
  store = createCreditStore(opened)
})
after(async () => {
  await opened?.close()
  await anvil?.service.kill()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  customer = privateKeyToAccount(bytesToHex(randomBytes(32)))
  await client.setBalance({ address: customer.address, value: 10n ** 18n })
  const duckWei = parseDuck('10')
  await fundAccounts(anvil.rpcUrl, devAccount(devIndex.deployer), token, [
    { address: customer.address, duckWei },
  ])
  // nothing of the preparations is within reach of a reorganisation
  await client.mine({ blocks: 2 * CONFIRMATIONS })
  const chain = await connectCreditChain(anvil.rpcUrl, mesh, gateway, CONFIRMATIONS)
  parts = { store, chain, nowMs: Date.now, minTopUpWei: 1n }
})

const walletWei = (account: Address) =>
  client.readContract({ address: token, abi: duckTokenAbi, functionName: 'balanceOf', args: [account] })
const credit = async () => {
  const { freeWei, transfers } = await readCredit(parts, customer.address)
  return { freeWei, transfers }
}

/** Signs a payment of the customer. */
async function sign(
  kind: 'ReceiveWithAuthorization' | 'TransferWithAuthorization',
  { to, amountWei, nonce, validBefore }: { to: Address; amountWei: bigint; nonce: Hex; validBefore: number },
): Promise<Hex> {
  const [, name, version, chainId, verifyingContract] = await client.readContract({
    address: token,
    abi: duckTokenAbi,
    functionName: 'eip712Domain',
  })
  const domain = { name, version, chainId: Number(chainId), verifyingContract }
  const window = { validAfter: 0n, validBefore: BigInt(validBefore) }
  const authorization = { from: customer.address, to, value: amountWei, ...window, nonce }
  return customer.signTypedData(authorizationTypedData(kind, domain, authorization) as never)
}

/** A payment of 5 DUCK to the gateway. */
async function payment() {
  const { timestamp } = await client.getBlock()
  const terms = {
    amountWei: parseDuck('5'),
    nonce: bytesToHex(randomBytes(32)),
    validBefore: Number(timestamp) + 600,
  }
  const signature = await sign('ReceiveWithAuthorization', { ...terms, to: gateway.address })
  return { ...terms, validAfter: 0, signature }
}

/** Replaces the last blocks by as many empty ones. */
async function reorganise(depth: number): Promise<void> {
  const before = await client.getBlock()
  await client.request({ method: 'anvil_reorg', params: [depth, []] } as never)
  assert.notEqual((await client.getBlock({ blockNumber: before.number })).hash, before.hash)
}

/** Sends DUCK of the customer, or a call of the token, and waits for its block. */
async function send(functionName: 'transfer' | 'transferWithAuthorization', args: readonly unknown[]) {
  const call = { account: customer, address: token, abi: duckTokenAbi, functionName, args }
  const hash = await client.writeContract(call as never)
  assert.equal((await client.waitForTransactionReceipt({ hash })).status, 'success')
}

test('a top-up counts when enough blocks have followed, and shows how many are left', async () => {
  const paid = await payment()
  const { state, blocksLeft } = await topUp(parts, customer.address, paid)
  // what it brought is put where channels are opened from at once, which takes blocks too
  assert.equal(state, 'open')
  assert.equal(await walletWei(customer.address), parseDuck('5'))
  for (let left = blocksLeft!; left > 0; left--) {
    const { freeWei, transfers } = await credit()
    assert.deepEqual([freeWei, transfers[0]?.state, transfers[0]?.blocksLeft], [0n, 'open', left])
    await client.mine({ blocks: 1 })
  }
  assert.equal((await topUp(parts, customer.address, paid)).state, 'done')
  const { freeWei, transfers } = await credit()
  assert.deepEqual([freeWei, transfers[0]?.blocksLeft], [parseDuck('5'), 0])
})

test('one that a reorganisation undoes, and whose money is then spent elsewhere, never becomes credit', async () => {
  const paid = await payment()
  assert.equal((await topUp(parts, customer.address, paid)).state, 'open')
  await client.mine({ blocks: CONFIRMATIONS - 1 })
  assert.equal((await credit()).freeWei, 0n)
  await reorganise(CONFIRMATIONS)
  assert.equal(await walletWei(customer.address), parseDuck('10'), 'the payment is undone')
  await send('transfer', [elsewhere, parseDuck('10')])
  for (let round = 0; round < 3; round++) {
    await assert.rejects(tendCredit(parts), { code: 'CHAIN_REVERTED' })
    await client.mine({ blocks: CONFIRMATIONS })
  }
  const waiting = await credit()
  assert.deepEqual([waiting.freeWei, waiting.transfers[0]?.state], [0n, 'open'])
  assert.equal(waiting.transfers[0]?.blocksLeft, null)
  // it is given up when its time is over for good, and not when a block that may go says so
  await client.increaseTime({ seconds: 700 })
  await client.mine({ blocks: 1 })
  await assert.rejects(tendCredit(parts), { code: 'CHAIN_REVERTED' })
  await client.mine({ blocks: CONFIRMATIONS })
  await tendCredit(parts)
  const { freeWei, transfers } = await credit()
  assert.deepEqual([freeWei, transfers[0]?.state], [0n, 'failed'])
})

test('one that a reorganisation undoes and that can still happen is sent again, and counts once', async () => {
  const paid = await payment()
  await topUp(parts, customer.address, paid)
  await reorganise(2)
  assert.equal(await walletWei(customer.address), parseDuck('10'))
  await tendCredit(parts)
  assert.equal(await walletWei(customer.address), parseDuck('5'))
  assert.equal((await credit()).freeWei, 0n)
  await client.mine({ blocks: CONFIRMATIONS })
  await tendCredit(parts)
  await tendCredit(parts)
  assert.equal((await credit()).freeWei, parseDuck('5'))
})

test('a nonce that was used elsewhere in a block that goes again is not given up', async () => {
  const paid = await payment()
  await topUp(parts, customer.address, paid)
  await reorganise(2)
  const { nonce, amountWei, validBefore } = paid
  const signature = await sign('TransferWithAuthorization', { to: elsewhere, amountWei, nonce, validBefore })
  const args = [customer.address, elsewhere, amountWei, 0n, BigInt(validBefore), nonce, signature]
  await send('transferWithAuthorization', args)
  await tendCredit(parts)
  assert.equal((await credit()).transfers[0]?.state, 'open')
  await reorganise(2)
  await tendCredit(parts)
  await client.mine({ blocks: CONFIRMATIONS })
  await tendCredit(parts)
  const { freeWei, transfers } = await credit()
  assert.deepEqual([freeWei, transfers[0]?.state], [amountWei, 'done'])
})

test('a withdrawal that a reorganisation undoes is sent again, and is paid once', async () => {
  const paid = await payment()
  await topUp(parts, customer.address, paid)
  await client.mine({ blocks: CONFIRMATIONS })
  await tendCredit(parts)
  await client.mine({ blocks: 2 * CONFIRMATIONS })
  assert.equal((await payOut(parts, customer.address, parseDuck('2'))).state, 'open')
  assert.equal(await walletWei(customer.address), parseDuck('7'))
  assert.equal((await credit()).freeWei, parseDuck('3'))
  await reorganise(3)
  assert.equal(await walletWei(customer.address), parseDuck('5'))
  await tendCredit(parts)
  await client.mine({ blocks: CONFIRMATIONS })
  await tendCredit(parts)
  await tendCredit(parts)
  assert.equal(await walletWei(customer.address), parseDuck('7'))
  const { freeWei, transfers } = await credit()
  assert.deepEqual([freeWei, transfers[0]?.direction, transfers[0]?.state], [parseDuck('3'), 'out', 'done'])
})
