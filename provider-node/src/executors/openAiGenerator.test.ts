import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { type ChatMessage, chunkSchema, DuckMeshError } from '@duckmesh/protocol'
import { createOpenAiExecutor, type OpenAiExecutorOptions } from './openAiExecutor.ts'
import { openAiProfile } from './profile.ts'
import { chat, completion, take } from './streamRequest.fixture.ts'

const profile = openAiProfile({
  sha256: 'ab'.repeat(32),
  name: 'some-model',
  quantisation: 'Q8_0',
  tokenizer: 'llama/7522',
  engine: 'test@1',
  contextTokens: 256,
})
const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const event = (value: unknown) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const delta = (value: object, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: value, finish_reason }],
})
const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } }
const story = [delta({ role: 'assistant', content: '' }), delta({ content: 'Hel' }), delta({ content: 'lo' })]
const ended = [...story, delta({}, 'stop'), usage, '[DONE]']

/** A generator in front of a local HTTP server that does what `listener` says. It stands in for failures only. */
async function setup(
  t: TestContext,
  listener: RequestListener,
  options: Partial<OpenAiExecutorOptions> = {},
) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const executor = createOpenAiExecutor({ profile, baseUrl, model: 'm', timeoutMs: 5_000, ...options })
  t.after(async () => {
    await executor.close()
    server.closeAllConnections()
    server.close()
  })
  return executor.generator!
}

const events =
  (values: readonly unknown[]): RequestListener =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(values.map(event).join(''))

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks = []
  for await (const chunk of incoming) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

describe('openAiGenerator against a local HTTP server', () => {
  test('gives each event as a piece of its own, usage when it comes, and the reason of the end', async (t) => {
    const generator = await setup(t, events(ended))
    const answer = await take(generator, chat('Hi'))
    assert.deepEqual(
      answer.pieces.map(({ text }) => text),
      ['Hel', 'lo'],
    )
    assert.deepEqual([answer.promptTokens, answer.finishReason, answer.tokens], [9, 'stop', []])
    assert.equal(generator.givesLogprobs, false)
  })

  test('asks in the words of OpenAI, tools and tool calls included', async (t) => {
    let seen: unknown
    const generator = await setup(t, async (incoming, response) => {
      seen = [incoming.url, await bodyOf(incoming)]
      events(ended)(incoming, response)
    })
    const tools = [{ type: 'function', function: { name: 'weather' } }]
    const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }
    const messages: ChatMessage[] = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, toolCalls: [call] },
      { role: 'tool', content: 'rain', toolCallId: 'c1' },
    ]
    await take(generator, chat('', { messages, tools, toolChoice: 'auto', stop: ['x'] }))
    assert.deepEqual(seen, [
      '/v1/chat/completions',
      {
        model: 'm',
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', content: 'rain', tool_call_id: 'c1' },
        ],
        tools,
        tool_choice: 'auto',
        max_tokens: 60,
        temperature: 0,
        seed: 7,
        top_p: 1,
        stop: ['x'],
        top_k: 0,
        min_p: 0,
        stream: true,
        stream_options: { include_usage: true, continuous_usage_stats: true },
      },
    ])
  })

  test('passes tool calls on as they are streamed', async (t) => {
    const part = { index: 0, function: { arguments: '{"city' } }
    const generator = await setup(t, events([delta({ tool_calls: [part] }), delta({}, 'tool_calls'), usage]))
    const answer = await take(generator, chat('Hi'))
    assert.deepEqual(answer.pieces, [{ text: '', tokens: [], logprobs: [], toolCalls: [part] }])
    assert.equal(answer.finishReason, 'tool_calls')
  })

  test('gives token ids with log-probabilities from a server that has them', async (t) => {
    const score = (id: number, token: string, logprob: number) => ({ id, token, logprob })
    const content = [
      { ...score(5, 'Hel', -0.123_46), top_logprobs: [score(5, 'Hel', -0.123_46), score(6, 'He', 1e-9)] },
    ]
    const choice = { index: 0, delta: { content: 'Hel' }, finish_reason: null, logprobs: { content } }
    const generator = await setup(t, events([{ choices: [choice] }, delta({}, 'stop')]), {
      givesTokenIds: true,
    })
    assert.equal(generator.givesLogprobs, true)
    const { pieces } = await take(generator, chat('Hi', { topLogprobs: 2 }))
    const top = [
      { token: 5, text: 'Hel', logprob: -0.1235 },
      { token: 6, text: 'He', logprob: 0 },
    ]
    assert.deepEqual(pieces, [{ text: 'Hel', tokens: [5], logprobs: [-0.1235], topLogprobs: [top] }])
    chunkSchema.parse({ index: 0, ...pieces[0] })
    const without = await setup(t, events(ended), { givesTokenIds: true })
    await assert.rejects(take(without, chat('Hi')), codeIs('EXECUTOR_FAILED'))
  })

  test('reads completions, and corrects a server that says stop at the limit', async (t) => {
    const texts = ['a', 'b'].map((text) => ({ choices: [{ index: 0, text, finish_reason: null }] }))
    const end = { choices: [{ index: 0, text: '', finish_reason: 'stop' }] }
    const generator = await setup(t, events([...texts, end, usage]))
    const answer = await take(generator, completion({ maxTokens: 2 }))
    assert.deepEqual([answer.text, answer.finishReason], ['ab', 'length'])
  })

  test('reads characters that are cut between two packets', async (t) => {
    const bytes = Buffer.from([...story, delta({ content: '🦆' }), delta({}, 'stop')].map(event).join(''))
    const cut = bytes.indexOf(0x9f) + 1
    const generator = await setup(t, (_, response) => {
      response.write(bytes.subarray(0, cut), () => setTimeout(() => response.end(bytes.subarray(cut)), 20))
    })
    assert.equal((await take(generator, chat('Hi'))).text, 'Hello🦆')
  })

  test('embeds texts in the order that was asked for', async (t) => {
    const data = [2, 0, 1].map((index) => ({ index, embedding: [index, 0.5] }))
    const generator = await setup(
      t,
      (_, response) => response.end(JSON.stringify({ data, usage: { prompt_tokens: 6 } })),
      { streamApis: ['embedding'] },
    )
    const answer = await take(generator, { api: 'embedding', input: ['a', 'b', 'c'] })
    const vectors = answer.pieces.flatMap(({ embeddings }) => embeddings ?? [])
    const read = vectors.map((vector) => Buffer.from(vector, 'base64').readFloatLE(0))
    assert.deepEqual([read, answer.promptTokens], [[0, 1, 2], 6])
    await assert.rejects(take(generator, { api: 'embedding', input: ['a'] }), codeIs('EXECUTOR_FAILED'))
    await assert.rejects(take(generator, chat('Hi')), codeIs('BAD_REQUEST'))
  })

  for (const [name, values] of [
    ['an answer without an end', story],
    ['no event at all', []],
    ['an event that is no JSON', [...story, 'Once upon']],
    ['an error in the stream', [...story, { error: { message: 'out of memory' } }]],
    ['an answer that was filtered', [...story, delta({}, 'content_filter')]],
    ['a content that is no text', [delta({ content: 7 })]],
  ] as const) {
    test(`refuses ${name}`, async (t) => {
      const generator = await setup(t, events(values))
      await assert.rejects(take(generator, chat('Hi')), codeIs('EXECUTOR_FAILED'))
      assert.equal(generator.busy, 0)
    })
  }

  test('stops reading an endless answer and an endless event', async (t) => {
    for (const chunk of [event(delta({ content: 'x'.repeat(1_000) })), 'x'.repeat(65_536)]) {
      let sentBytes = 0
      const generator = await setup(
        t,
        (_, response) => {
          response.write('data: ')
          const send = () => {
            if (response.destroyed) return
            sentBytes += chunk.length
            response.write(chunk, () => setImmediate(send))
          }
          send()
        },
        { maxStreamBytes: 3_000_000 },
      )
      await assert.rejects(take(generator, chat('Hi')), codeIs('EXECUTOR_FAILED'))
      assert.ok(sentBytes < 30_000_000, `${sentBytes} bytes were sent`)
    }
  })

  test('silence ends a stream, a slow consumer does not', async (t) => {
    const silent = await setup(t, () => undefined, { timeoutMs: 100 })
    await assert.rejects(take(silent, chat('Hi')), codeIs('EXECUTOR_TIMEOUT'))
    const stalling = await setup(t, (_, response) => response.write(event(story[1])), { timeoutMs: 100 })
    await assert.rejects(take(stalling, chat('Hi')), codeIs('EXECUTOR_TIMEOUT'))
    const many = [...Array.from({ length: 40 }, () => story[1]), delta({}, 'stop')]
    const slow = await setup(t, events(many), { timeoutMs: 1_000 })
    const wait = () => new Promise((resolve) => setTimeout(resolve, 40))
    assert.equal((await take(slow, chat('Hi'), { onPiece: wait })).pieces.length, 40)
  })

  test('an abort, or a consumer that leaves, closes the connection and frees the slot', async (t) => {
    let closed = Promise.withResolvers<void>()
    const generator = await setup(t, (_, response) => {
      response.on('close', () => closed.resolve())
      response.write(event(story[1]))
    })
    const stop = new AbortController()
    const aborted = take(generator, chat('Hi'), { signal: stop.signal, onPiece: () => stop.abort() })
    await assert.rejects(aborted, codeIs('CANCELLED'))
    await closed.promise
    closed = Promise.withResolvers<void>()
    for await (const step of generator.generate(chat('Hi'), new AbortController().signal)) {
      if (step.type === 'piece') break
    }
    await closed.promise
    assert.equal(generator.busy, 0)
  })

  test('says when to come again to a busy server, and keeps the key out of every error', async (t) => {
    const busy = await setup(t, (_, response) =>
      response.writeHead(429, { 'retry-after': '2' }).end('slow down'),
    )
    await assert.rejects(take(busy, chat('Hi')), (error: DuckMeshError) => {
      assert.deepEqual([error.code, error.details], ['EXECUTOR_BUSY', { status: 429, retryAfterMs: 2_000 }])
      return true
    })
    const broken = await setup(t, (_, response) => response.writeHead(401).end('bad key secret'), {
      apiKey: 'secret',
    })
    await assert.rejects(take(broken, chat('Hi')), (error: DuckMeshError) => {
      assert.deepEqual([error.code, (error.cause as Error).message], ['EXECUTOR_FAILED', 'bad key …'])
      return true
    })
  })

  test('refuses to go on with an answer of another engine', async (t) => {
    const generator = await setup(t, events(ended))
    await assert.rejects(take(generator, chat('Hi', { continueFrom: [1] })), codeIs('BAD_REQUEST'))
  })
})
