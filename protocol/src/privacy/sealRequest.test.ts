import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Hex } from 'viem'
import { DuckMeshError, type WireError } from '../errors/duckMeshError.ts'
import { hashCanonical } from '../inference/canonical.ts'
import { type StreamRequest, streamRequestSchema } from '../streaming/request.ts'
import { type Sealed, sealedSchema } from '../streaming/wire.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { eventOpener, eventSealer, type PlainEvent } from './sealEvents.ts'
import { openRequest, type SealContext, saltRequest, sealRequest } from './sealRequest.ts'
import { generateSealKeyPair, type SealKeyPair } from './suite.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const
const bytes32 = (digit: string): Hex => `0x${digit.repeat(64)}`
const context: SealContext = { domain, providerId: 7, streamId: bytes32('1') }
const plain: StreamRequest = {
  api: 'completion',
  prompt: 'the duck that nobody may know of',
  maxTokens: 8,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}
const request = saltRequest(plain)
const content = { request, authorization: 'DuckMesh secret-session' }

let keys: SealKeyPair
before(async () => {
  keys = await generateSealKeyPair()
})

const isCode = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const flip = (base64: string, at: number) => {
  const bytes = fromBase64(base64)
  bytes[at < 0 ? bytes.length + at : at]! ^= 1
  return toBase64(bytes)
}

/** A request sealed and opened, with both ends of its answer. */
async function exchange() {
  const { sealed, opener } = await sealRequest(content, keys.publicKey, context)
  const opened = await openRequest(sealed, [keys], context)
  return { sealed, opener, opened }
}

test('what was sealed opens to the same request, with the same hash, and to the session', async () => {
  const { sealed, opened } = await exchange()
  sealedSchema.parse(sealed)
  assert.deepEqual(opened.request, request)
  assert.equal(hashCanonical(opened.request), hashCanonical(request))
  assert.equal(opened.authorization, content.authorization)
  const text = Buffer.from(sealed.ciphertext, 'base64').toString('latin1')
  assert.ok(!text.includes('duck') && !text.includes('secret-session'))
})

test('the same request never looks the same, and requests of one bucket have one length', async () => {
  const [one, two] = await Promise.all([exchange(), exchange()])
  assert.notEqual(one.sealed.encapsulated, two.sealed.encapsulated)
  assert.notEqual(one.sealed.ciphertext, two.sealed.ciphertext)
  const longer = { ...content, request: { ...request, prompt: `${request.prompt}${'!'.repeat(200)}` } }
  const { sealed } = await sealRequest(longer, keys.publicKey, context)
  assert.equal(sealed.ciphertext.length, one.sealed.ciphertext.length)
})

test('another stream, provider, chain, contract or key does not open it', async () => {
  const { sealed } = await exchange()
  const others: SealContext[] = [
    { ...context, streamId: bytes32('2') },
    { ...context, providerId: 8 },
    { ...context, domain: { ...domain, chainId: 1 } },
    { ...context, domain: { ...domain, verifyingContract: '0x00000000000000000000000000000000000000bb' } },
  ]
  for (const other of others) {
    await assert.rejects(openRequest(sealed, [keys], other), isCode('SEAL_BROKEN'))
  }
  await assert.rejects(openRequest(sealed, [await generateSealKeyPair()], context), isCode('SEAL_BROKEN'))
  await assert.rejects(openRequest(sealed, [], context), isCode('SEAL_BROKEN'))
})

test('a key that was replaced still opens while it is held', async () => {
  const { sealed } = await exchange()
  const opened = await openRequest(sealed, [await generateSealKeyPair(), keys], context)
  assert.deepEqual(opened.request, request)
})

test('a flipped bit anywhere is refused', async () => {
  const { sealed } = await exchange()
  const changed: Sealed[] = [
    { ...sealed, encapsulated: flip(sealed.encapsulated, 0) },
    { ...sealed, ciphertext: flip(sealed.ciphertext, 0) },
    { ...sealed, ciphertext: flip(sealed.ciphertext, -1) },
    { ...sealed, ciphertext: sealed.ciphertext.slice(0, -4) },
    { ...sealed, ciphertext: '' },
    { ...sealed, encapsulated: '' },
  ]
  for (const one of changed) {
    await assert.rejects(openRequest(one, [keys], context), isCode('SEAL_BROKEN'))
  }
})

test('points of small order give no secret that others know: RFC 9180, section 7.1.4', async () => {
  const zero = toBase64(new Uint8Array(32))
  const one = toBase64(new Uint8Array([1, ...new Uint8Array(31)]))
  const { sealed } = await exchange()
  for (const encapsulated of [zero, one]) {
    await assert.rejects(openRequest({ ...sealed, encapsulated }, [keys], context), isCode('SEAL_BROKEN'))
  }
  await assert.rejects(sealRequest(content, bytes32('0'), context), isCode('SEAL_KEY_INVALID'))
})

test('a request without salt is not sealed: its hash would give it away', async () => {
  await assert.rejects(
    sealRequest({ request: plain, authorization: null }, keys.publicKey, context),
    isCode('BAD_REQUEST'),
  )
  const [one, two] = [saltRequest(plain), saltRequest(plain)]
  assert.notEqual(hashCanonical(one), hashCanonical(two))
  assert.deepEqual(streamRequestSchema.parse(one), one)
})

test('what opens but is no request is refused without quoting it', async () => {
  const odd = { ...content, request: { ...request, maxTokens: 0 } } as typeof content
  const { sealed: bad } = await sealRequest(odd, keys.publicKey, context)
  const error = await openRequest(bad, [keys], context).then(
    () => assert.fail('it was opened'),
    (thrown: DuckMeshError) => thrown,
  )
  assert.equal(error.code, 'SEAL_BROKEN')
  const told: WireError = error.toWire()
  assert.deepEqual(told.details.issues, ['request.maxTokens'])
  assert.ok(!JSON.stringify([told, error.cause]).includes('duck that'))
})

const events: PlainEvent[] = [
  { event: 'open', data: '{"streamId":"0x11"}' },
  { event: 'chunk', data: '{"text":"quack"}' },
  { event: 'chunk', data: `{"text":"${'quack '.repeat(100)}"}` },
  { event: 'end', data: '{"finishReason":"stop"}' },
]

/** An answer as it travels, and what opens it. */
async function answer() {
  const { opener, opened } = await exchange()
  const seal = await eventSealer(opened.answer)
  const sealed = await Promise.all(events.map(seal)) // not awaited one by one: they still come in order
  return { texts: sealed.map((event) => JSON.stringify(event)), opener }
}

test('an answer opens event by event, and tells when it is whole', async () => {
  const { texts, opener } = await answer()
  const reader = opener()
  const seen: PlainEvent[] = []
  for (const text of texts) {
    assert.equal(reader.isWhole, false)
    seen.push(await reader.open(text))
  }
  assert.deepEqual(seen, events)
  assert.equal(reader.isWhole, true)
  assert.ok(!texts.join('').includes('quack'))
})

test('short events have one length: the kind of an event does not show', async () => {
  const { texts } = await answer()
  const [open, chunk, long, end] = texts.map((text) => fromBase64(JSON.parse(text).sealed).length)
  assert.equal(chunk, end)
  assert.equal(open, chunk! + 16) // the first one brings the random nonce
  assert.ok(long! > chunk!)
})

test('events that are changed, left out, repeated, swapped or of another answer are noticed', async () => {
  const { texts, opener } = await answer()
  const other = await answer()
  const [a, b, c, d] = texts as [string, string, string, string]
  const changed = JSON.stringify({ sealed: flip(JSON.parse(b).sealed, 3) })
  const attacks: [string, string[]][] = [
    ['changed', [a, changed]],
    ['left out', [a, c]],
    ['repeated', [a, b, b]],
    ['swapped', [a, c, b, d]],
    ['first left out', [b]],
    ['of another answer', [a, other.texts[1]!]],
    ['after the end', [a, b, c, d, d]],
    ['not JSON', [a, '{']],
    ['not sealed', [a, '{"text":"quack"}']],
    ['plain', [a, JSON.stringify(events[1])]],
  ]
  for (const [name, given] of attacks) {
    const reader = opener()
    const opened = (async () => {
      for (const text of given) await reader.open(text)
    })()
    await assert.rejects(opened, isCode('STREAM_CUT'), name)
    await assert.rejects(reader.open(b), isCode('STREAM_CUT'), `${name}: nothing follows`)
    assert.equal(reader.isWhole, false, name)
  }
})

test('an answer that stops before its end is not whole', async () => {
  const { texts, opener } = await answer()
  const reader = opener()
  for (const text of texts.slice(0, -1)) await reader.open(text)
  assert.equal(reader.isWhole, false)
})

test('the same sealed request, sent again, is answered under another key', async () => {
  const { sealed, opener } = await exchange()
  const texts: string[] = []
  for (let time = 0; time < 2; time++) {
    const opened = await openRequest(sealed, [keys], context)
    const seal = await eventSealer(opened.answer)
    texts.push(JSON.stringify(await seal(events[1]!)))
  }
  const [one, two] = texts.map((text) => fromBase64(JSON.parse(text).sealed))
  assert.notDeepEqual(one!.subarray(0, 16), two!.subarray(0, 16))
  // under one key and nonce, equal texts would give equal ciphertexts
  assert.notDeepEqual(one!.subarray(16), two!.subarray(16))
  for (const text of texts) assert.deepEqual(await opener().open(text), events[1])
})

test('request and answer have different keys: one is no message of the other', async () => {
  const { sealed, opener } = await exchange()
  await assert.rejects(opener().open(JSON.stringify({ sealed: sealed.ciphertext })), isCode('STREAM_CUT'))
})

test('nothing is sealed after the end of an answer', async () => {
  const { opened } = await exchange()
  const seal = await eventSealer(opened.answer)
  await seal({ event: 'end', data: '{}' })
  await assert.rejects(seal({ event: 'chunk', data: '{}' }), isCode('STREAM_INVALID'))
})

test('an answer opens with nothing but its own secret', async () => {
  const { texts } = await answer()
  const secret = { encapsulated: new Uint8Array(32), secret: new Uint8Array(16) }
  await assert.rejects(eventOpener(secret).open(texts[0]!), isCode('STREAM_CUT'))
})
