import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  DuckMeshError,
  MAX_SEAL_KEY_SECONDS,
  type StreamRequest,
  saltRequest,
  sealRequest,
  verifySealKey,
} from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { createSealing } from './sealing.ts'
import { openSealKeys, SEAL_GRACE_SECONDS, SEAL_KEY_SECONDS } from './sealKeys.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const
const account = privateKeyToAccount(`0x${'1'.repeat(64)}`)
const streamId = `0x${'1'.repeat(64)}` as const
const providerId = 7
const request: StreamRequest = saltRequest({ api: 'embedding', input: ['quack'] })

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function setUp() {
  const dataDir = await mkdtemp(join(tmpdir(), 'duckmesh-seal-'))
  folders.push(dataDir)
  const time = { seconds: 1_800_000_000 }
  const clock = { nowMs: () => time.seconds * 1_000, sleep: () => Promise.resolve() }
  const open = (lifeSeconds?: number) =>
    openSealKeys({ dataDir, clock, ...(lifeSeconds === undefined ? {} : { lifeSeconds }) })
  const sealingOf = (keys = open()) => createSealing({ keys, account, domain, providerId })
  return { dataDir, time, open, sealingOf, path: join(dataDir, 'seal-keys.json') }
}

const seal = async (publicKey: `0x${string}`) =>
  (await sealRequest({ request, authorization: 'DuckMesh x' }, publicKey, { domain, providerId, streamId }))
    .sealed
const isCode = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

test('the announced key is on disk, readable by its owner alone, and passes the check of a buyer', async () => {
  const { sealingOf, path, time } = await setUp()
  const sealKey = await sealingOf().announced()
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.ok((await readFile(path, 'utf8')).includes(sealKey.publicKey))
  const check = { domain, providerId, signingKey: account.address, sealKey, nowSeconds: time.seconds }
  await verifySealKey(check)
  assert.equal(sealKey.validUntil, time.seconds + SEAL_KEY_SECONDS)
})

test('a node that starts again announces the same key and opens what was sealed before', async () => {
  const { sealingOf } = await setUp()
  const sealKey = await sealingOf().announced()
  const sealed = await seal(sealKey.publicKey)
  const again = sealingOf()
  assert.deepEqual(await again.announced(), sealKey)
  const opened = await again.openBody({ sealed }, streamId)
  assert.deepEqual(opened.request, request)
  assert.equal(opened.authorization, 'DuckMesh x')
  assert.ok(opened.sealEvent)
})

test('a new key comes at half of the life; the old one opens until its grace is over and is erased then', async () => {
  const { open, sealingOf, time, path } = await setUp()
  const sealing = sealingOf(open())
  const first = await sealing.announced()
  const sealed = await seal(first.publicKey)
  time.seconds += SEAL_KEY_SECONDS / 2 + 1
  const second = await sealing.announced()
  assert.notEqual(second.publicKey, first.publicKey)
  assert.deepEqual((await sealing.openBody({ sealed }, streamId)).request, request)
  time.seconds = first.validUntil + SEAL_GRACE_SECONDS
  assert.deepEqual((await sealing.openBody({ sealed }, streamId)).request, request)
  time.seconds += 1
  await assert.rejects(sealing.openBody({ sealed }, streamId), isCode('SEAL_BROKEN'))
  await sealing.announced()
  assert.ok(!(await readFile(path, 'utf8')).includes(first.publicKey))
  assert.deepEqual(
    (await sealing.openBody({ sealed: await seal(second.publicKey) }, streamId)).request,
    request,
  )
})

test('many who ask at once get one key', async () => {
  const { open } = await setUp()
  const keys = open()
  const given = await Promise.all(Array.from({ length: 8 }, () => keys.current()))
  assert.equal(new Set(given.map(({ publicKey }) => publicKey)).size, 1)
  assert.equal(keys.usable().length, 1)
})

test('a key of a clock that ran ahead is replaced, for buyers would refuse it', async () => {
  const { open, time } = await setUp()
  const early = await open().current()
  time.seconds -= 2 * SEAL_KEY_SECONDS
  const keys = open()
  const now = await keys.current()
  assert.notEqual(now.publicKey, early.publicKey)
  assert.ok(now.validUntil <= time.seconds + MAX_SEAL_KEY_SECONDS)
  assert.deepEqual(await open().current(), now)
})

test('a broken file stops the start and is not quoted', async () => {
  const { open, path } = await setUp()
  await writeFile(path, '[{"privateKey":"0xsecret"}]')
  assert.throws(
    open,
    (error) => isCode('STORE_UNAVAILABLE')(error) && !JSON.stringify(error).includes('secret'),
  )
})

test('a life that buyers refuse is a bad setting', async () => {
  const { open } = await setUp()
  assert.throws(() => open(MAX_SEAL_KEY_SECONDS + 1), isCode('BAD_CONFIG'))
})

test('a request comes open or sealed, never both and never neither', async () => {
  const { sealingOf } = await setUp()
  const sealing = sealingOf()
  const { publicKey } = await sealing.announced()
  const sealed = await seal(publicKey)
  assert.deepEqual(await sealing.openBody({ request }, streamId), {
    request,
    authorization: null,
    sealEvent: null,
  })
  await assert.rejects(sealing.openBody({ request, sealed }, streamId), isCode('BAD_REQUEST'))
  await assert.rejects(sealing.openBody({}, streamId), isCode('BAD_REQUEST'))
})
