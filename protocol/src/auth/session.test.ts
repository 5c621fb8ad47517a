import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keccak256, toHex, zeroAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { limits } from '../constants.ts'
import { type Session, sessionTypedData } from '../typed-data/session.ts'
import { authenticate, sessionHeader } from './session.ts'

const domain = { chainId: 31337, verifyingContract: zeroAddress }
const account = privateKeyToAccount(keccak256(toHex('account')))
const audience = privateKeyToAccount(keccak256(toHex('audience'))).address
const now = 1_800_000_000
const session: Session = { account: account.address, audience, expiresAt: now + 60 }
const sign = (value: Session, on = domain) => account.signTypedData(sessionTypedData(on, value))

test('a signed session tells who is calling, until its last second', async () => {
  const header = sessionHeader(session, await sign(session))
  assert.equal(await authenticate(domain, header, audience, now), account.address)
  assert.equal(await authenticate(domain, header, audience, session.expiresAt), account.address)
})

const refusals: [string, () => Promise<string | undefined>, number?][] = [
  ['no header', async () => undefined],
  ['another scheme', async () => 'Bearer abc'],
  ['bytes that are no JSON', async () => `DuckMesh ${'a'.repeat(80)}`],
  [
    'a field too many',
    async () => `DuckMesh ${btoa(JSON.stringify({ session, signature: await sign(session), admin: 1 }))}`,
  ],
  ['an expired session', async () => sessionHeader(session, await sign(session)), session.expiresAt + 1],
  [
    'a session that lives too long',
    async () => {
      const long = { ...session, expiresAt: now + limits.maxSessionSeconds + 1 }
      return sessionHeader(long, await sign(long))
    },
  ],
  [
    'a session for another service',
    async () => {
      const other = { ...session, audience: account.address }
      return sessionHeader(other, await sign(other))
    },
  ],
  [
    'a session of another chain',
    async () => sessionHeader(session, await sign(session, { ...domain, chainId: 1 })),
  ],
  ["somebody else's name", async () => sessionHeader({ ...session, account: audience }, await sign(session))],
  ['a signature that is none', async () => sessionHeader(session, `0x${'ff'.repeat(65)}`)],
  ['a header of megabytes', async () => `DuckMesh ${'a'.repeat(1 << 20)}`],
]
for (const [name, header, at] of refusals) {
  test(`${name} is refused as UNAUTHENTICATED`, async () => {
    await assert.rejects(authenticate(domain, await header(), audience, at ?? now), {
      code: 'UNAUTHENTICATED',
    })
  })
}
