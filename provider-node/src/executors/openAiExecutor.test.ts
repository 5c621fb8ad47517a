import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { DuckMeshError, type InferenceRequest } from '@duckmesh/protocol'
import { createOpenAiExecutor, type OpenAiExecutorOptions } from './openAiExecutor.ts'
import { openAiProfile } from './profile.ts'

const request: InferenceRequest = {
  kind: 'inference',
  prompt: 'Once upon a time',
  maxTokens: 20,
  temperature: 0.5,
  seed: 3,
}
const profile = openAiProfile({
  sha256: 'ab'.repeat(32),
  name: 'some-model',
  quantisation: 'Q8_0',
  tokenizer: 'llama/7522',
  engine: 'test@1',
  contextTokens: 256,
})
const completion = {
  choices: [{ text: ', there was', finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 3 },
}

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

/** An executor in front of a local HTTP server that does what `listener` says. */
async function setup(
  t: TestContext,
  listener: RequestListener,
  options: Partial<OpenAiExecutorOptions> = {},
) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const executor = createOpenAiExecutor({ profile, baseUrl, model: 'm', timeoutMs: 5_000, ...options })
  t.after(async () => {
    await executor.close()
    server.closeAllConnections()
    server.close()
  })
  return executor
}

/** A listener that answers everything with one status and body. */
const answer =
  (body: unknown, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks = []
  for await (const chunk of incoming) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

describe('openAiExecutor against a local HTTP server', () => {
  test('asks for a raw completion with all sampler rules and reads text, reason and prompt tokens', async (t) => {
    let seen: unknown
    const executor = await setup(
      t,
      async (incoming, response) => {
        seen = [incoming.url, incoming.headers.authorization, await bodyOf(incoming)]
        response.end(JSON.stringify(completion))
      },
      { apiKey: 'secret' },
    )
    const run = await executor.run(request)
    const result = { text: ', there was', tokens: [], finishReason: 'stop' }
    assert.deepEqual(run, { result, promptTokens: 5 })
    const sampler = { max_tokens: 20, temperature: 0.5, seed: 3, top_p: 1, top_k: 0, min_p: 0, stream: false }
    assert.deepEqual(seen, [
      '/v1/completions',
      'Bearer secret',
      { model: 'm', prompt: 'Once upon a time', ...sampler },
    ])
  })

  test('asks for a chat turn, without the fields that OpenAI refuses when told so', async (t) => {
    let seen: unknown
    const chat = { choices: [{ message: { content: 'Hello' }, finish_reason: 'length' }] }
    const executor = await setup(
      t,
      async (incoming, response) => {
        seen = [incoming.url, await bodyOf(incoming)]
        response.end(JSON.stringify(chat))
      },
      { api: 'chat', extendedSampler: false },
    )
    const run = await executor.run(request)
    assert.deepEqual(run, { result: { text: 'Hello', tokens: [], finishReason: 'length' }, promptTokens: 0 })
    const messages = [{ role: 'user', content: 'Once upon a time' }]
    const sampler = { max_tokens: 20, temperature: 0.5, seed: 3, top_p: 1, stream: false }
    assert.deepEqual(seen, ['/v1/chat/completions', { model: 'm', messages, ...sampler }])
  })

  test('a server that hangs before or during its answer runs into the timeout', async (t) => {
    const silent = await setup(t, () => undefined, { timeoutMs: 100 })
    await assert.rejects(silent.run(request), codeIs('EXECUTOR_TIMEOUT'))
    const stalling = await setup(t, (_, response) => response.write('{"choices"'), { timeoutMs: 100 })
    await assert.rejects(stalling.run(request), codeIs('EXECUTOR_TIMEOUT'))
  })

  test('an abort ends a hanging call and frees its slot', async (t) => {
    const arrived = Promise.withResolvers<void>()
    let calls = 0
    const executor = await setup(t, (_, response) => {
      calls += 1
      if (calls === 1) arrived.resolve()
      else response.end(JSON.stringify(completion))
    })
    const stop = new AbortController()
    const hanging = executor.run(request, { signal: stop.signal })
    const next = executor.run(request)
    await arrived.promise
    stop.abort()
    await assert.rejects(hanging, codeIs('CANCELLED'))
    assert.equal((await next).result.text, ', there was')
  })

  test('close cancels a hanging call', async (t) => {
    const executor = await setup(t, () => undefined)
    const hanging = assert.rejects(executor.run(request), codeIs('CANCELLED'))
    await executor.close()
    await hanging
    await assert.rejects(executor.run(request), codeIs('CANCELLED'))
  })

  for (const [name, body] of [
    ['text that is no JSON', 'Once upon'],
    ['JSON of another form', { answer: 42 }],
    ['no choice', { choices: [] }],
    ['a choice that was filtered', { choices: [{ text: 'x', finish_reason: 'content_filter' }] }],
    ['a text that is no string', { choices: [{ text: 7, finish_reason: 'stop' }] }],
  ] as const) {
    test(`refuses ${name}`, async (t) => {
      const executor = await setup(t, answer(body))
      await assert.rejects(executor.run(request), codeIs('EXECUTOR_FAILED'))
    })
  }

  test('stops reading an endless answer at the limit', async (t) => {
    let sentBytes = 0
    const executor = await setup(
      t,
      (_, response) => {
        const chunk = Buffer.alloc(65_536, 32)
        const send = () => {
          if (response.destroyed) return
          sentBytes += chunk.length
          response.write(chunk, () => setImmediate(send))
        }
        send()
      },
      { maxAnswerBytes: 100_000 },
    )
    await assert.rejects(executor.run(request), (error: DuckMeshError) => {
      assert.equal(error.code, 'EXECUTOR_FAILED')
      assert.deepEqual(error.details, { limitBytes: 100_000 })
      return true
    })
    assert.ok(sentBytes < 20_000_000, `${sentBytes} bytes were sent`)
  })

  test('tells a busy server from a broken one and keeps the key out of the error', async (t) => {
    const busy = await setup(t, answer('slow down', 429))
    await assert.rejects(busy.run(request), codeIs('EXECUTOR_BUSY'))
    const broken = await setup(t, answer('bad key secret', 401), { apiKey: 'secret' })
    await assert.rejects(broken.run(request), (error: DuckMeshError) => {
      assert.equal(error.code, 'EXECUTOR_FAILED')
      assert.deepEqual(error.details, { status: 401 })
      assert.equal((error.cause as Error).message, 'bad key …')
      return true
    })
  })

  test('does not follow a redirect and reports a server that is not there', async (t) => {
    let followed = false
    const executor = await setup(t, (incoming, response) => {
      if (incoming.url === '/elsewhere') followed = true
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    await assert.rejects(executor.run(request), codeIs('EXECUTOR_FAILED'))
    assert.equal(followed, false)
    const nobody = createOpenAiExecutor({ profile, baseUrl: 'http://127.0.0.1:1', model: 'm' })
    await assert.rejects(nobody.run(request), codeIs('EXECUTOR_FAILED'))
  })

  test('refuses work beyond slots and queue, and an answer that would fill the context', async (t) => {
    const executor = await setup(t, () => undefined, { slots: 1, maxWaiting: 0, timeoutMs: 200 })
    const first = assert.rejects(executor.run(request), codeIs('EXECUTOR_TIMEOUT'))
    await assert.rejects(executor.run(request), codeIs('EXECUTOR_BUSY'))
    await first
    await assert.rejects(executor.run({ ...request, maxTokens: 256 }), codeIs('PROMPT_TOO_LONG'))
  })

  test('the profile says that the kernels are unknown', () => {
    assert.equal(profile.kernelClass, 'undisclosed')
    assert.equal(profile.engine, 'openai-compatible:test@1')
  })
})
