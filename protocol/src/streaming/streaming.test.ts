import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashCanonical } from '../inference/canonical.ts'
import { type Chunk, chunkSchema, firstHead, lastHead, nextHead } from './chunk.ts'
import { streamFinishReasons } from './finishReason.ts'
import { promptTokensBound, streamAmountWei, streamCeilingWei, streamPriceWei } from './price.ts'
import { type StreamRequest, streamRequestSchema } from './request.ts'
import { type Stream, streamIdOf } from './stream.ts'
import { streamBodySchema } from './wire.ts'

const domain = { chainId: 31_337, verifyingContract: '0x00000000000000000000000000000000000000aa' } as const
const bytes = (digit: string) => `0x${digit.repeat(64)}` as const
const sampling = {
  maxTokens: 8,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}
const completion: StreamRequest = { api: 'completion', prompt: 'Once upon', ...sampling }
const stream: Stream = {
  channelId: bytes('1'),
  requestHash: hashCanonical(completion),
  policy: bytes('2'),
  mode: 0,
  requestWei: 10n,
  promptTokenWei: 1n,
  tokenWei: 2n,
  nonce: 7n,
  expiresAt: 1_800_000_000,
}
const chunk = (index: number, text: string): Chunk => ({ index, text, tokens: [index], logprobs: [-0.5] })

test('every field of a stream changes its id, and so do chain and contract', () => {
  const changes: Partial<Stream>[] = [
    { channelId: bytes('3') },
    { requestHash: bytes('3') },
    { policy: bytes('3') },
    { mode: 2 },
    { requestWei: 11n },
    { promptTokenWei: 2n },
    { tokenWei: 3n },
    { nonce: 8n },
    { expiresAt: 1_800_000_001 },
  ]
  const ids = [
    streamIdOf(domain, stream),
    streamIdOf({ ...domain, chainId: 1 }, stream),
    streamIdOf({ ...domain, verifyingContract: '0x00000000000000000000000000000000000000bb' }, stream),
    ...changes.map((change) => streamIdOf(domain, { ...stream, ...change })),
  ]
  assert.equal(new Set(ids).size, ids.length)
})

test('the head of a chain tells order, content and stream', () => {
  const [one, two] = [chunk(0, 'a'), chunk(1, 'b')]
  const chain = (id: `0x${string}`, chunks: Chunk[]) => chunks.reduce(nextHead, firstHead(id))
  const heads = [
    chain(bytes('1'), [one, two]),
    chain(bytes('1'), [two, one]),
    chain(bytes('1'), [one]),
    chain(bytes('2'), [one, two]),
    chain(bytes('1'), [one, { ...two, logprobs: [-0.6] }]),
  ]
  assert.equal(new Set(heads).size, heads.length)
  assert.equal(heads[0], chain(bytes('1'), [one, { logprobs: [-0.5], tokens: [1], text: 'b', index: 1 }]))
})

test('the last head tells why the answer ended, and is no head of a chunk', () => {
  const head = nextHead(firstHead(bytes('1')), chunk(0, 'a'))
  const ends = streamFinishReasons.map((finishReason) => lastHead(head, finishReason))
  assert.equal(new Set([head, ...ends]).size, streamFinishReasons.length + 1)
  const asChunk = { finishReason: 'stop' } as unknown as Chunk
  assert.equal(nextHead(head, asChunk), lastHead(head, 'stop'), 'hashed as a chunk would be')
  assert.equal(chunkSchema.safeParse(asChunk).success, false, 'but nobody can send it as one')
})

test('a price adds up what was used', () => {
  assert.equal(streamPriceWei(stream, { promptTokens: 5, completionTokens: 4 }), 23n)
  assert.equal(streamPriceWei(stream, { promptTokens: 0, completionTokens: 0 }), 10n)
  assert.equal(streamAmountWei(stream, { promptTokens: 5, completionTokens: 4 }, 1), 23n)
  assert.equal(streamAmountWei(stream, { promptTokens: 0, completionTokens: 0 }, 0), 0n, 'nothing was given')
})

test('no prompt has more tokens than its bound, whatever the tokenizer: a byte is the least', () => {
  const texts = ['duck', '🦆🦆', '\u0000', 'é'.repeat(100)]
  for (const prompt of texts) {
    const bytesOfPrompt = new TextEncoder().encode(prompt).length
    assert.ok(promptTokensBound({ ...completion, prompt }) >= bytesOfPrompt + 1)
    const chat: StreamRequest = {
      api: 'chat',
      messages: [{ role: 'user', content: prompt }],
      tools: null,
      toolChoice: null,
      ...sampling,
    }
    assert.ok(promptTokensBound(chat) >= bytesOfPrompt + 8)
    assert.ok(promptTokensBound({ api: 'embedding', input: [prompt, prompt] }) >= 2 * bytesOfPrompt + 4)
  }
  const cut: StreamRequest = { ...completion, continueFrom: [1, 2, 3] }
  assert.equal(promptTokensBound(cut), promptTokensBound(completion) + 3)
})

test('the ceiling covers the whole answer', () => {
  const bound = promptTokensBound(completion)
  assert.equal(streamCeilingWei(stream, completion), 10n + BigInt(bound) + 16n)
})

test('requests and chunks outside their schema are refused', () => {
  const bad = [
    { ...completion, maxTokens: 0 },
    { ...completion, temperature: 3 },
    { ...completion, seed: 0xffff_ffff },
    { ...completion, stop: ['', 'x'] },
    { ...completion, extra: 1 },
    { api: 'embedding', input: [] },
    { api: 'ocr', image: 'not base64!' },
    { api: 'dance' },
  ]
  for (const request of bad) assert.equal(streamRequestSchema.safeParse(request).success, false)
  assert.equal(
    chunkSchema.safeParse({ ...chunk(0, 'a'), logprobs: [0.1] }).success,
    false,
    'a probability over one',
  )
  assert.equal(streamBodySchema.safeParse({}).success, false)
})
