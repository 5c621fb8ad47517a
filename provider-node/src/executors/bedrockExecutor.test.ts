import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, type TestContext, test } from 'node:test'
import { chunkSchema, DuckMeshError, executionProfileSchema } from '@duckmesh/protocol'
import { type BedrockExecutorOptions, createBedrockExecutor } from './bedrockExecutor.ts'
import { fail, frame, respond, type StubCall, startBedrockStub } from './bedrockStub.fixture.ts'
import { chat, completion, take } from './streamRequest.fixture.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const delta = (text: string) => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })
const story = [frame('messageStart', { role: 'assistant' }), delta('Hel'), delta('lo 🦆')]
const stop = (stopReason: string) => frame('messageStop', { stopReason })
const usage = frame('metadata', {
  usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 },
  metrics: { latencyMs: 5 },
})

// The default chain of the SDK is what gives credentials and endpoint, here and in production.
const kept = { ...process.env }
after(() => {
  process.env = kept
})

/** A generator in front of the stand-in. */
async function setup(
  t: TestContext,
  answer: (call: StubCall) => void,
  options: Partial<BedrockExecutorOptions> = {},
) {
  const stub = await startBedrockStub(answer)
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: 'AKIDSTUB',
    AWS_SECRET_ACCESS_KEY: 'stub-secret',
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: stub.url,
  })
  const executor = createBedrockExecutor({
    model: 'amazon.nova-lite-v1:0',
    region: 'eu-central-1',
    contextTokens: 8_192,
    timeoutMs: 5_000,
    ...options,
  })
  t.after(async () => {
    await executor.close()
    stub.close()
  })
  return executor
}

describe('bedrockExecutor against a stand-in that speaks the real event-stream encoding', () => {
  test('streams a chat, with usage from the answer and the reason of the end', async (t) => {
    let seen: StubCall | undefined
    const { generator } = await setup(t, (call) => {
      seen = call
      respond(call, [...story, stop('end_turn'), usage])
    })
    const answer = await take(
      generator!,
      chat('', {
        messages: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Hi' },
          { role: 'user', content: 'you' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'user', content: 'Go' },
        ],
        stop: ['END'],
      }),
    )
    assert.deepEqual([answer.text, answer.promptTokens, answer.finishReason], ['Hello 🦆', 9, 'stop'])
    for (const [index, piece] of answer.pieces.entries()) chunkSchema.parse({ index, ...piece })
    assert.equal(seen?.path, '/model/amazon.nova-lite-v1%3A0/converse-stream')
    assert.match(
      seen?.authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIDSTUB\/\d+\/eu-central-1\/bedrock\//,
    )
    assert.deepEqual(seen?.body, {
      messages: [
        { role: 'user', content: [{ text: 'Hi' }, { text: 'you' }] },
        { role: 'assistant', content: [{ text: 'Yes?' }] },
        { role: 'user', content: [{ text: 'Go' }] },
      ],
      system: [{ text: 'Be short.' }],
      inferenceConfig: { maxTokens: 60, temperature: 0, topP: 1, stopSequences: ['END'] },
    })
  })

  test('names the limit as the reason when that is it', async (t) => {
    const { generator } = await setup(t, (call) => respond(call, [...story, stop('max_tokens'), usage]))
    assert.equal((await take(generator!, chat('Hi'))).finishReason, 'length')
  })

  for (const [status, type, code] of [
    [429, 'ThrottlingException', 'EXECUTOR_BUSY'],
    [503, 'ServiceUnavailableException', 'EXECUTOR_BUSY'],
    [400, 'ValidationException', 'BAD_REQUEST'],
    [403, 'AccessDeniedException', 'EXECUTOR_FAILED'],
    [408, 'ModelTimeoutException', 'EXECUTOR_TIMEOUT'],
    [500, 'InternalServerException', 'EXECUTOR_FAILED'],
  ] as const) {
    test(`${type} becomes ${code}, called once, and its text stays with the operator`, async (t) => {
      let calls = 0
      const { generator } = await setup(t, (call) => {
        calls += 1
        fail(call, status, type)
      })
      await assert.rejects(take(generator!, chat('Hi')), (error: DuckMeshError) => {
        assert.equal(error.code, code)
        assert.equal(error.details.reason, type)
        if (code === 'EXECUTOR_BUSY') assert.ok(Number(error.details.retryAfterMs) > 0)
        assert.ok(!JSON.stringify(error.toWire()).includes('secret'))
        return true
      })
      assert.deepEqual([calls, generator!.busy], [1, 0])
    })
  }

  test('an exception in the middle of a stream, a stream without an end and a filtered one fail', async (t) => {
    const throttled = frame('throttlingException', { message: 'slow down' }, 'exception')
    for (const [frames, code] of [
      [[...story, throttled], 'EXECUTOR_BUSY'],
      [[...story], 'EXECUTOR_FAILED'],
      [[...story, stop('guardrail_intervened')], 'EXECUTOR_FAILED'],
      [[...story, Buffer.from('no frame at all, but longer than a prelude')], 'EXECUTOR_FAILED'],
    ] as const) {
      const { generator } = await setup(t, (call) => respond(call, frames))
      await assert.rejects(take(generator!, chat('Hi')), codeIs(code))
    }
  })

  test('silence ends a stream', async (t) => {
    const silent = await setup(t, () => undefined, { timeoutMs: 150 })
    await assert.rejects(take(silent.generator!, chat('Hi')), codeIs('EXECUTOR_TIMEOUT'))
    const stalling = await setup(t, (call) => respond(call, story, false), { timeoutMs: 150 })
    await assert.rejects(take(stalling.generator!, chat('Hi')), codeIs('EXECUTOR_TIMEOUT'))
  })

  test('an abort closes the call upstream and frees the slot', async (t) => {
    const closed = Promise.withResolvers<void>()
    const { generator } = await setup(t, (call) => {
      void once(call.stream, 'close').then(() => closed.resolve())
      respond(call, story, false)
    })
    const leave = new AbortController()
    const aborted = take(generator!, chat('Hi'), { signal: leave.signal, onPiece: () => leave.abort() })
    await assert.rejects(aborted, codeIs('CANCELLED'))
    await closed.promise
    assert.equal(generator!.busy, 0)
  })

  test('the profile says that nothing can be checked, and the engine refuses what it cannot do', async (t) => {
    const executor = await setup(t, () => undefined)
    const profile = executionProfileSchema.parse(executor.profile)
    assert.deepEqual(
      [profile.kernelClass, profile.tokenizer, profile.quantisation],
      Array(3).fill('undisclosed'),
    )
    assert.equal(profile.engine, 'aws-bedrock:eu-central-1')
    assert.deepEqual([executor.streamsOnly, executor.generator?.givesLogprobs], [true, false])
    for (const request of [completion(), chat('a', { tools: [{}] }), chat('a', { continueFrom: [1] })]) {
      await assert.rejects(take(executor.generator!, request), codeIs('BAD_REQUEST'))
    }
  })
})
