import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionHeader, sessionTypedData } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { Sessions } from './sessions.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const audience = privateKeyToAccount(`0x${'22'.repeat(32)}`).address

test('a session that was seen before counts up to its last second and no further', async () => {
  let nowMs = 1_000_000
  const sessions = new Sessions(domain, audience, () => nowMs)
  const session = { account: account.address, audience, expiresAt: 1_060 }
  const header = sessionHeader(session, await account.signTypedData(sessionTypedData(domain, session)))
  assert.equal(await sessions.account(header), account.address)
  nowMs = 1_060_999
  assert.equal(await sessions.account(header), account.address)
  nowMs = 1_061_000
  await assert.rejects(sessions.account(header), { code: 'UNAUTHENTICATED' })
})

test('a forged or missing session is never remembered', async () => {
  const sessions = new Sessions(domain, audience, () => 1_000_000)
  const session = { account: account.address, audience, expiresAt: 1_060 }
  const forged = sessionHeader(session, `0x${'11'.repeat(65)}`)
  for (const header of [forged, forged, undefined, 'DuckMesh x']) {
    await assert.rejects(sessions.account(header), { code: 'UNAUTHENTICATED' })
  }
})
