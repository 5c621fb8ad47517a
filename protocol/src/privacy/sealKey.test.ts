import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { MAX_SEAL_KEY_SECONDS, type SignedSealKey, sealKeyTypedData, verifySealKey } from './sealKey.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const
const account = (digit: string) => privateKeyToAccount(`0x${digit.repeat(64)}`)
const signer = account('1')
const nowSeconds = 1_800_000_000
const publicKey: Hex = `0x${'22'.repeat(32)}`

async function signed(validUntil = nowSeconds + 3_600, key = signer): Promise<SignedSealKey> {
  const statement = { providerId: 7, publicKey, validUntil }
  const signature = await key.signTypedData(sealKeyTypedData(domain, statement))
  return { publicKey, validUntil, signature }
}

const verify = (sealKey: SignedSealKey, changes: Partial<Parameters<typeof verifySealKey>[0]> = {}) =>
  verifySealKey({ domain, providerId: 7, signingKey: signer.address, sealKey, nowSeconds, ...changes })

const isRefusal = (error: unknown) => error instanceof DuckMeshError && error.code === 'SEAL_KEY_INVALID'

test('a key that the key on chain signed is taken', async () => {
  await verify(await signed())
  await verify(await signed(nowSeconds))
})

test('a key that a coordinator put there is refused', async () => {
  await assert.rejects(verify(await signed(undefined, account('2'))), isRefusal)
})

test('every part of the statement is bound by the signature', async () => {
  const good = await signed()
  await assert.rejects(verify({ ...good, publicKey: `0x${'33'.repeat(32)}` }), isRefusal)
  await assert.rejects(verify({ ...good, validUntil: good.validUntil + 1 }), isRefusal)
  await assert.rejects(verify({ ...good, signature: `0x${'00'.repeat(65)}` }), isRefusal)
  await assert.rejects(verify(good, { providerId: 8 }), isRefusal)
  await assert.rejects(verify(good, { domain: { ...domain, chainId: 1 } }), isRefusal)
})

test('an expired key and one that lives too long are refused', async () => {
  await assert.rejects(verify(await signed(nowSeconds - 1)), isRefusal)
  await assert.rejects(verify(await signed(nowSeconds + MAX_SEAL_KEY_SECONDS + 1)), isRefusal)
})
