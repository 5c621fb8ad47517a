import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, beforeEach, test } from 'node:test'
import { devAccount, devIndex } from '@duckmesh/local-chain'
import {
  channelIdOf,
  type EventOpener,
  hashCanonical,
  type PlainEvent,
  providersSchema,
  routePath,
  coordinatorRoutes as routes,
  type StreamRequest,
  saltRequest,
  sealRequest,
  streamIdOf,
  stringifyWire,
  verifySealKey,
} from '@duckmesh/protocol'
import pino from 'pino'
import { type Bench, errorCodeOf, profile, setUpBench, until } from './bench.ts'
import { startScriptedStreams } from './scriptedStreams.ts'
import { startTap } from './startTap.ts'

const PROMPT = 'the-prompt-that-nobody-may-know'
const ANSWER = 'the-answer-that-nobody-may-know'
const SESSION = 'DuckMesh the-session-that-nobody-may-use'
const MAX_STREAMS = 3

let bench: Bench
let provider: Awaited<ReturnType<typeof startScriptedStreams>>
let tap: Awaited<ReturnType<typeof startTap>>
let dataDir: string
let nonce = 0n
const logged: string[] = []

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'duckmesh-relay-'))
  const stream = new Writable({
    write: (line, _encoding, done) => {
      logged.push(String(line))
      done()
    },
  })
  bench = await setUpBench({
    seats: 2,
    env: {
      DATA_DIR: dataDir,
      RELAY_TO_PRIVATE: 'true',
      RELAY_STREAMS: String(MAX_STREAMS),
      RELAY_IDLE_MS: '1000',
      NODE_TIMEOUT_MS: '3600000',
    },
    overrides: { logger: pino({ level: 'trace' }, stream) },
  })
  provider = await startScriptedStreams(bench.domain, 1, devAccount(devIndex.firstSigner))
  tap = await startTap(provider.port)
  await announce(`http://127.0.0.1:${tap.port}/`)
})
after(async () => {
  tap.stop()
  await provider.stop()
  await bench.tearDown()
  await rm(dataDir, { recursive: true, force: true })
})
beforeEach(() => {
  provider.script.play = async ({ write, response }) => {
    for (const event of answer) await write(event)
    response.end()
  }
})

const answer: PlainEvent[] = [
  { event: 'open', data: '{}' },
  { event: 'chunk', data: JSON.stringify({ text: ANSWER }) },
  { event: 'end', data: '{}' },
]

async function announce(endpoint: string | null): Promise<void> {
  const offers = [{ profile, minPriceWei: 1n }]
  const sealKey = await provider.sealKey()
  const body = { providerId: 1, offers, capacity: 1, endpoint, sealKey, version: 'scripted' }
  await bench.scripted()[0]!.call(routes.announce, routes.announce.path, body)
}

/** A stream with its request sealed to provider 1, as a buyer makes it. */
async function sealedStream() {
  const { domain } = bench
  const { providers } = providersSchema.parse(
    await (await fetch(`${bench.coordinator.url}${routes.providers.path}`)).json(),
  )
  const { sealKey, signingKey } = providers[0]!
  const nowSeconds = Math.floor(Date.now() / 1_000)
  await verifySealKey({ domain, providerId: 1, signingKey, sealKey: sealKey!, nowSeconds })
  const request: StreamRequest = saltRequest({
    api: 'completion',
    prompt: PROMPT,
    maxTokens: 8,
    temperature: 0,
    topP: 1,
    seed: 1,
    stop: [],
    topLogprobs: 0,
    continueFrom: [],
  })
  const payer = bench.buyer.address
  const salt = hashCanonical('salt')
  const channel = { payer, payerKey: payer, providerId: 1, withdrawDelay: 3_600, salt }
  const stream = {
    channelId: channelIdOf(domain, channel),
    requestHash: hashCanonical(request),
    policy: hashCanonical(profile),
    mode: 0,
    requestWei: 0n,
    promptTokenWei: 1n,
    tokenWei: 1n,
    nonce: nonce++,
    expiresAt: nowSeconds + 60,
  }
  const streamId = streamIdOf(domain, stream)
  const { sealed, opener } = await sealRequest({ request, authorization: SESSION }, sealKey!.publicKey, {
    domain,
    providerId: 1,
    streamId,
  })
  const voucher = { maxCumulativeWei: 100n, signature: `0x${'11'.repeat(65)}` }
  return { body: { stream, channel, voucher, sealed }, request, opener, streamId }
}

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  fetch(`${bench.coordinator.url}${path}`, { method: 'POST', body: stringifyWire(body), ...init })
const relayPath = (providerId = 1) => routePath(routes.relayStream, { providerId: String(providerId) })

/** Reads a sealed event stream as it comes. */
async function* readEvents(response: Response, opener: EventOpener): AsyncGenerator<PlainEvent> {
  let rest = ''
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + bytes).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '))
      if (data) yield await opener.open(data.slice('data: '.length))
    }
  }
}

async function filesUnder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))))
}

test('a sealed request goes through, is answered, and the relay neither sees, keeps nor logs a word of either', async () => {
  const near = await startTap(Number(new URL(bench.coordinator.url).port))
  const { body, opener, request } = await sealedStream()
  const url = `http://127.0.0.1:${near.port}${relayPath()}`
  const response = await fetch(url, {
    method: 'POST',
    body: stringifyWire(body),
    headers: { authorization: 'DuckMesh sent-by-mistake' },
  })
  assert.equal(response.status, 200)
  const reader = opener()
  const events: PlainEvent[] = []
  for await (const event of readEvents(response, reader)) events.push(event)
  assert.deepEqual(events, answer)
  assert.equal(reader.isWhole, true)
  const got = provider.opened.at(-1)!
  assert.deepEqual(got.request, request)
  assert.equal(got.authorization, SESSION)
  assert.equal(got.caller, bench.coordinator.container.signer.address, 'the relay calls in its own name')

  const seen = Buffer.concat([
    near.heard(),
    tap.heard(),
    await filesUnder(dataDir),
    Buffer.from(logged.join()),
  ])
  near.stop()
  // what is looked for would be found: these were seen and stored
  assert.ok(seen.includes(body.sealed.ciphertext))
  assert.ok(seen.includes('scripted'))
  for (const secret of [PROMPT, ANSWER, SESSION.slice(9), 'nobody-may', request.salt!.slice(2)]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').slice(0, -4),
      Buffer.from(secret).toString('hex'),
    ]) {
      assert.ok(!seen.includes(form), `${form} was seen`)
    }
  }
})

test('an open request is refused and goes nowhere', async () => {
  const { body, request } = await sealedStream()
  const before = provider.opened.length
  const { sealed: _sealed, ...open } = body
  for (const bad of [{ ...open, request }, { ...body, request }, open]) {
    assert.equal(await errorCodeOf(await post(relayPath(), bad)), 'BAD_REQUEST')
  }
  assert.equal(provider.opened.length, before)
  assert.ok(!logged.join().includes(PROMPT))
})

test('events come as they are made, not at the end', async () => {
  const held = Promise.withResolvers<void>()
  provider.script.play = async ({ write, response }) => {
    await write(answer[0]!)
    await held.promise
    await write(answer[2]!)
    response.end()
  }
  const { body, opener } = await sealedStream()
  const events = readEvents(await post(relayPath(), body), opener())
  assert.deepEqual((await events.next()).value, answer[0])
  held.resolve()
  assert.deepEqual((await events.next()).value, answer[2])
  assert.equal((await events.next()).done, true)
})

test('when the client goes away the provider is told, and the place is free again', async () => {
  provider.script.play = async ({ write }) => {
    await write(answer[0]!)
  }
  const before = provider.closedEarly()
  for (let round = 0; round < MAX_STREAMS + 2; round++) {
    const leaving = new AbortController()
    const { body, opener } = await sealedStream()
    const response = await post(relayPath(), body, { signal: leaving.signal })
    const events = readEvents(response, opener())
    assert.deepEqual((await events.next()).value, answer[0])
    leaving.abort()
    await until(async () => provider.closedEarly() > before + round, 'the end at the provider')
  }
})

test('when the provider breaks off, goes silent or answers in the open, the client sees no end', async () => {
  const ends: Record<string, (response: ServerResponse) => void> = {
    'breaks off': (response) => response.destroy(),
    'goes silent': () => undefined,
    'answers in the open': (response) => response.end(`event: chunk\ndata: {"text":"${ANSWER}"}\n\n`),
  }
  for (const [name, end] of Object.entries(ends)) {
    const isSeen = Promise.withResolvers<void>()
    provider.script.play = async ({ write, response }) => {
      await write(answer[0]!)
      await isSeen.promise
      end(response)
    }
    const { body, opener } = await sealedStream()
    const reader = opener()
    const events = readEvents(await post(relayPath(), body), reader)
    assert.deepEqual((await events.next()).value, answer[0], name)
    isSeen.resolve()
    await assert.rejects(events.next(), name)
    assert.equal(reader.isWhole, false, name)
  }
})

test('a provider that answers faster than the client reads is slowed down', async () => {
  const long = { event: 'chunk', data: 'x'.repeat(200_000) }
  let written = 0
  let isOver = false
  provider.script.play = async ({ write, response }) => {
    const closed = once(response, 'close')
    for (; written < 150 && !response.destroyed; written++) {
      if (await write(long)) continue
      await Promise.race([once(response, 'drain'), closed])
    }
    isOver = true
    response.end()
  }
  const { body, opener } = await sealedStream()
  const response = await post(relayPath(), body)
  const events = readEvents(response, opener())
  await events.next()
  // nobody reads on: buffers fill, and then the provider stands still until it is given up
  let last = -1
  await until(async () => {
    const stands = written === last
    last = written
    return stands && !isOver
  }, 'the provider standing still')
  assert.ok(written < 150, 'everything was taken in without a reader')
  await events.return(undefined)
  await until(async () => isOver, 'the end at the provider')
})

test('no more streams are relayed at once than there are places', async () => {
  provider.script.play = async ({ write }) => {
    await write(answer[0]!)
  }
  const leaving = new AbortController()
  const held = await Promise.all(
    Array.from({ length: MAX_STREAMS }, async () =>
      post(relayPath(), (await sealedStream()).body, { signal: leaving.signal }),
    ),
  )
  const refused = await post(relayPath(), (await sealedStream()).body)
  assert.equal(await errorCodeOf(refused), 'RATE_LIMITED')
  leaving.abort()
  assert.equal(held.length, MAX_STREAMS)
})

test('a voucher is handed on as it is', async () => {
  const { streamId } = await sealedStream()
  const path = routePath(routes.relayVoucher, { providerId: '1', streamId })
  const voucher = { maxCumulativeWei: '500', signature: `0x${'22'.repeat(65)}` }
  const response = await post(path, { voucher })
  assert.deepEqual(await response.json(), { ok: true })
  const caller = bench.coordinator.container.signer.address
  assert.deepEqual(provider.vouchers.at(-1), {
    path: `/v1/streams/${streamId}/voucher`,
    body: { voucher },
    caller,
  })
  assert.equal(await errorCodeOf(await post(path, { voucher, more: 1 })), 'BAD_REQUEST')
})

test('what the provider refuses comes back as it refused it', async () => {
  const { body } = await sealedStream()
  const other = await sealedStream()
  const response = await post(relayPath(), { ...body, sealed: other.body.sealed })
  assert.equal(await errorCodeOf(response), 'SEAL_BROKEN')
  assert.equal(response.status, 400)
})

test('only the provider of the channel, and only one that is online, is gone to', async () => {
  const { body } = await sealedStream()
  assert.equal(await errorCodeOf(await post(relayPath(2), body)), 'BAD_REQUEST')
  const toOther = { ...body, channel: { ...body.channel, providerId: 2 } }
  assert.equal(await errorCodeOf(await post(relayPath(2), toOther)), 'PROVIDER_OFFLINE')
  assert.equal(await errorCodeOf(await post('/v1/relay/0/v1/streams', body)), 'BAD_REQUEST')
  assert.equal(await errorCodeOf(await post('/v1/relay/http:%2F%2Fevil/v1/streams', body)), 'BAD_REQUEST')
})

test('an endpoint that leads back to the relay is noticed', async () => {
  const { body } = await sealedStream()
  await announce(`${bench.coordinator.url}/v1/relay/1`)
  try {
    assert.equal(await errorCodeOf(await post(relayPath(), body)), 'BAD_REQUEST')
  } finally {
    await announce(`http://127.0.0.1:${tap.port}`)
  }
})

test('without the setting for a local mesh, no private address is gone to', async () => {
  const { body } = await sealedStream()
  const mesh = await setUpBench({ seats: 1, env: { RELAY_TO_PRIVATE: 'false' } })
  try {
    for (const endpoint of [
      `http://127.0.0.1:${provider.port}`,
      `http://localhost:${provider.port}`,
      `http://[::1]:${provider.port}`,
      `http://[::ffff:127.0.0.1]:${provider.port}`,
      `http://2130706433:${provider.port}`,
      'http://169.254.169.254/latest/meta-data',
      `http://user:secret@127.0.0.1:${provider.port}`,
      'ftp://127.0.0.1/',
    ]) {
      const seat = mesh.scripted()[0]!
      const offers = [{ profile, minPriceWei: 1n }]
      const node = { providerId: 1, offers, capacity: 1, endpoint, sealKey: null, version: 'scripted' }
      await seat.call(routes.announce, routes.announce.path, node)
      const before = provider.opened.length
      const url = `${mesh.coordinator.url}${relayPath()}`
      const response = await fetch(url, { method: 'POST', body: stringifyWire(body) })
      assert.equal(await errorCodeOf(response), 'PROVIDER_OFFLINE', endpoint)
      assert.equal(provider.opened.length, before, endpoint)
    }
  } finally {
    await mesh.tearDown()
  }
})
