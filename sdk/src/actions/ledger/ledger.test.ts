import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { duckTokenAbi, parseDuck } from '@duckmesh/protocol'
import {
  createWalletClient,
  encodeAbiParameters,
  http,
  keccak256,
  MethodNotSupportedRpcError,
  toHex,
  UserRejectedRequestError,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { foundry } from 'viem/chains'
import type { HttpStub } from '../../../test/startHttpStub.ts'
import { startTestCoordinator } from '../../../test/startTestCoordinator.ts'
import { keyOf, startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'

describe('deposit, withdraw, balance and conservation on real contracts', () => {
  let mesh: TestMesh
  let coordinator: HttpStub

  before(async () => {
    mesh = await startTestMesh(1)
    coordinator = await startTestCoordinator(mesh)
  })
  after(async () => {
    await coordinator.stop()
    await mesh.stop()
  })

  const connect = (account: Parameters<typeof DuckMeshClient.connect>[0]['account']) =>
    DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl: mesh.rpcUrl, account })

  /** A wallet that cannot, or will not, sign typed data, like many contract and hardware wallets. */
  const walletRefusing = (error: Error) => {
    const account = privateKeyToAccount(keyOf('buyer'))
    const signTypedData = async () => {
      throw error
    }
    const transport = http(mesh.rpcUrl)
    return {
      walletClient: createWalletClient({ account: { ...account, signTypedData }, chain: foundry, transport }),
    }
  }

  it('default: a deposit is one transaction with a permit, and leaves no allowance', async () => {
    const client = await connect(mesh.buyer)
    const before = await client.getBalance()
    const { transactions } = await client.deposit(parseDuck('100'))
    assert.equal(transactions.length, 1)
    const balance = await client.getBalance()
    assert.equal(balance.freeWei - before.freeWei, parseDuck('100'))
    assert.equal(before.walletWei - balance.walletWei, parseDuck('100'))
    const allowance = await mesh.chain.readContract({
      address: mesh.token,
      abi: duckTokenAbi,
      functionName: 'allowance',
      args: [mesh.buyer.address, mesh.mesh],
    })
    assert.equal(allowance, 0n)
  })

  it('behavior: a wallet that cannot sign typed data approves and deposits', async () => {
    const client = await connect(walletRefusing(new MethodNotSupportedRpcError(new Error('no typed data'))))
    const before = await client.getBalance()
    const { transactions } = await client.deposit(parseDuck('5'))
    assert.equal(transactions.length, 2)
    assert.equal((await client.getBalance()).freeWei - before.freeWei, parseDuck('5'))
  })

  it('behavior: a person who declines the permit is not asked for an approval instead', async () => {
    const client = await connect(walletRefusing(new UserRejectedRequestError(new Error('declined'))))
    const before = await client.getBalance()
    await assert.rejects(client.deposit(parseDuck('5')), { code: 'CANCELLED' })
    assert.deepEqual((await client.getBalance()).walletWei, before.walletWei)
  })

  it('behavior: a contract wallet approves and deposits, since nobody can sign a permit for it', async () => {
    const address = mesh.buyer.address
    await mesh.chain.setCode({ address, bytecode: '0x00' })
    const client = await connect(mesh.buyer)
    const { transactions } = await client
      .deposit(parseDuck('5'))
      .finally(() => mesh.chain.setCode({ address, bytecode: '0x' }))
    assert.equal(transactions.length, 2)
  })

  it('behavior: deposits at the same time do not get in each other’s way', async () => {
    const client = await connect(mesh.buyer)
    const before = await client.getBalance()
    await client.deposit(parseDuck('1'))
    await Promise.all([client.withdraw(parseDuck('1')), client.withdraw(parseDuck('2')), client.withdraw(1n)])
    assert.equal(before.freeWei - (await client.getBalance()).freeWei, parseDuck('2') + 1n)
  })

  it('default: a withdrawal goes to the account itself or to another one', async () => {
    const client = await connect(mesh.buyer)
    const to = privateKeyToAccount(keyOf('friend')).address
    await client.withdraw(parseDuck('3'), to)
    assert.equal((await client.getBalance(to)).walletWei, parseDuck('3'))
  })

  it('error: more than there is, is CHAIN_REVERTED with the reason of the contract', async () => {
    const client = await connect(mesh.buyer)
    await assert.rejects(
      client.withdraw(parseDuck('1000000')),
      (error: { code: string; details: { reason: string } }) => {
        assert.deepEqual([error.code, error.details.reason], ['CHAIN_REVERTED', 'InsufficientFree'])
        return true
      },
    )
    await assert.rejects(client.deposit(parseDuck('1000000')), { code: 'CHAIN_REVERTED' })
  })

  it('error: a client without account is told so', async () => {
    const client = await connect(undefined)
    await assert.rejects(client.deposit(1n), { code: 'BAD_CONFIG' })
    await assert.rejects(client.getBalance(), { code: 'BAD_CONFIG' })
  })

  it('default: conservation adds up over wallets, free balances and stakes', async () => {
    const client = await connect(undefined)
    const conservation = await client.getConservation()
    assert.equal(conservation.stakedWei, parseDuck('1000'))
    assert.deepEqual([conservation.ok, conservation.differenceWei], [true, 0n])
  })

  it('behavior: an address of the mesh in lower case is the same mesh', async () => {
    const { rpcUrl } = mesh
    const pinned = mesh.mesh.toLowerCase() as `0x${string}`
    const client = await DuckMeshClient.connect({ coordinatorUrl: coordinator.url, rpcUrl, mesh: pinned })
    assert.ok((await client.getConservation()).ok)
  })

  it('error: a pinned address that is none is BAD_CONFIG', async () => {
    const { rpcUrl } = mesh
    const at = { coordinatorUrl: coordinator.url, rpcUrl, mesh: '0xpond' as const }
    await assert.rejects(DuckMeshClient.connect(at), { code: 'BAD_CONFIG' })
  })

  it('behavior: DUCK that somebody sent to DuckMesh by mistake is shown and breaks nothing', async () => {
    const client = await connect(undefined)
    await mesh.call(mesh.holder, mesh.token, 'transfer', [mesh.mesh, parseDuck('7')])
    const conservation = await client.getConservation()
    assert.equal(conservation.strayWei, parseDuck('7'))
    assert.ok(conservation.ok)
  })

  it('behavior: DUCK that was burned by its owner is counted', async () => {
    const client = await connect(undefined)
    await mesh.call(mesh.holder, mesh.token, 'burn', [parseDuck('11')])
    const { burnedWei, ok } = await client.getConservation()
    assert.deepEqual([burnedWei, ok], [parseDuck('11'), true])
  })

  it('behavior: what a channel holds is counted', async () => {
    const client = await connect(mesh.buyer)
    await client.deposit(parseDuck('9'))
    const config = {
      payer: mesh.buyer.address,
      payerKey: mesh.buyer.address,
      providerId: 1,
      withdrawDelay: 86_400,
      salt: keccak256('0x01'),
    }
    await mesh.call(mesh.buyer, mesh.mesh, 'openChannel', [config, parseDuck('9')])
    const { channelsWei, ok } = await client.getConservation()
    assert.deepEqual([channelsWei, ok], [parseDuck('9'), true])
  })

  it('error: a balance that came from nowhere is found', async () => {
    const client = await connect(undefined)
    // slot 0 of the token holds the balances: one wallet gets a DUCK without any Transfer
    const slot = keccak256(
      encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [mesh.buyer.address, 0n]),
    )
    const { walletWei } = await client.getBalance(mesh.buyer.address)
    await mesh.chain.setStorageAt({
      address: mesh.token,
      index: slot,
      value: toHex(walletWei + parseDuck('1'), { size: 32 }),
    })
    assert.equal((await client.getBalance(mesh.buyer.address)).walletWei - walletWei, parseDuck('1'))
    const { ok, differenceWei } = await client.getConservation()
    assert.deepEqual([ok, differenceWei], [false, -parseDuck('1')])
  })
})
