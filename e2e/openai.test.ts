// Programs that know nothing of DuckMesh: only their base URL and key are set.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { parseDuck } from '@duckmesh/protocol'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { type GatewayMesh, startGatewayMesh } from './support/startGateway.ts'

const model = 'stories15m'
const messages = [{ role: 'user' as const, content: 'Once upon a time, a little duck' }]
const curl = promisify(execFile)

describe('OpenAI programs on a mesh', () => {
  let world: GatewayMesh
  let gateway: Awaited<ReturnType<GatewayMesh['start']>>
  let client: OpenAI

  before(async () => {
    world = await startGatewayMesh(['a', 'b', 'c'])
    gateway = await world.start('--api-key', 'quack')
    client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'quack' })
  })
  after(() => world?.end())

  test('openai: a chat, whole, with usage and a signed receipt that adds up', async () => {
    const answer = await client.chat.completions.create({ model, messages, max_tokens: 12, temperature: 0 })
    const { content } = answer.choices[0]!.message
    assert.ok(content && content.length > 10)
    assert.equal(answer.choices[0]!.finish_reason, 'length')
    assert.equal(answer.usage?.completion_tokens, 12)
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    const { duckmesh } = answer as any
    assert.equal(duckmesh.receipts[0].receipt.amountWei, duckmesh.costWei)
    assert.ok(BigInt(duckmesh.costWei) > 0n)
    assert.ok(answer._request_id)
  })

  test('openai: a streamed chat is the same text, with the usage at the end', async () => {
    const wish = { model, messages, max_tokens: 12, temperature: 0 }
    const whole = await client.chat.completions.create(wish)
    const stream = await client.chat.completions.create({
      ...wish,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage
    }
    assert.equal(text, whole.choices[0]!.message.content)
    assert.deepEqual([usage?.completion_tokens, usage?.prompt_tokens], [12, whole.usage?.prompt_tokens])
  })

  test('openai: the same seed gives the same sampled text, another seed another', async () => {
    const say = async (seed: number) => {
      const wish = { model, prompt: 'Once', max_tokens: 24, temperature: 1, seed }
      return (await client.completions.create(wish)).choices[0]!.text
    }
    const [one, again, other] = [await say(7), await say(7), await say(8)]
    assert.equal(one, again)
    assert.notEqual(one, other)
  })

  test('openai: log-probabilities of both APIs', async () => {
    const wish = { model, max_tokens: 4, temperature: 0 }
    const chat = await client.chat.completions.create({ ...wish, messages, logprobs: true, top_logprobs: 3 })
    const { content } = chat.choices[0]!.logprobs!
    assert.equal(content?.length, 4)
    assert.equal(content.map(({ token }) => token).join(''), chat.choices[0]!.message.content)
    for (const { token, logprob, top_logprobs } of content) {
      assert.equal(top_logprobs.length, 3)
      assert.deepEqual([top_logprobs[0]?.token, top_logprobs[0]?.logprob], [token, logprob], 'greedy')
    }
    const completion = await client.completions.create({ ...wish, prompt: 'Once upon', logprobs: 2 })
    const { logprobs, text } = completion.choices[0]!
    assert.equal(logprobs?.tokens?.join(''), text)
    assert.deepEqual(logprobs?.text_offset?.[0], 0)
    assert.ok(logprobs?.token_logprobs?.every((score) => score <= 0))
  })

  test('openai: a stop text ends the answer and is not in it', async () => {
    const wish = { model, prompt: 'Once upon a time', max_tokens: 64, temperature: 0 }
    const { choices } = await client.completions.create({ ...wish, stop: [' a'] })
    assert.equal(choices[0]!.finish_reason, 'stop')
    assert.ok(!choices[0]!.text.includes(' a'))
  })

  test('openai: models, and errors of the right class', async () => {
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    assert.deepEqual(ids, [model])
    assert.equal((await client.models.retrieve(model)).owned_by, 'duckmesh')
    await assert.rejects(client.chat.completions.create({ model: 'swan', messages }), (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError)
      assert.deepEqual([error.code, error.param], ['model_not_found', 'model'])
      return true
    })
    await assert.rejects(client.chat.completions.create({ model, messages, n: 3 }), OpenAI.BadRequestError)
    const stranger = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'honk' })
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError)
    const long = {
      model,
      messages: [{ role: 'user' as const, content: 'duck '.repeat(9_000) }],
      max_tokens: 4,
    }
    await assert.rejects(client.chat.completions.create(long), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError, String(error))
      assert.equal(error.code, 'context_length_exceeded')
      return true
    })
  })

  test('openai: an abort in the middle ends the answer and pays to the chunk', async () => {
    const stream = await client.completions.create({
      model,
      prompt: 'Once',
      max_tokens: 200,
      temperature: 1,
      stream: true,
    })
    let parts = 0
    for await (const _part of stream) if (++parts === 5) stream.controller.abort()
    assert.equal(parts, 5)
    await sleep(300)
    const answer = await client.completions.create({ model, prompt: 'Once', max_tokens: 4 })
    assert.ok(answer.choices[0]!.text, 'the next one is served as ever')
  })

  test('AI SDK: text, whole and streamed', async () => {
    const provider = createOpenAICompatible({ name: 'duckmesh', baseURL: gateway.baseUrl, apiKey: 'quack' })
    const wish = { model: provider(model), prompt: 'Once upon a time', maxOutputTokens: 10, temperature: 0 }
    const whole = await generateText(wish)
    assert.ok(whole.text.length > 5)
    assert.equal(whole.usage.outputTokens, 10)
    const streamed = streamText(wish)
    let text = ''
    for await (const part of streamed.textStream) text += part
    assert.equal(text, whole.text)
    assert.equal(await streamed.finishReason, 'length')
  })

  test('curl: plain and streamed', async () => {
    const body = JSON.stringify({ model, prompt: 'Once', max_tokens: 4, temperature: 0 })
    const headers = ['-H', 'authorization: Bearer quack', '-H', 'content-type: application/json']
    const url = `${gateway.baseUrl}/completions`
    const plain = await curl('curl', ['-s', '-i', ...headers, '-d', body, url])
    assert.match(plain.stdout, /^HTTP\/1\.1 200/)
    assert.match(plain.stdout, /x-duckmesh-provider: \d/i)
    const { text } = JSON.parse(plain.stdout.split('\r\n\r\n')[1]!).choices[0]
    const stream = body.replace('{', '{"stream":true,')
    const streamed = await curl('curl', ['-s', '-N', ...headers, '-d', stream, url])
    const events = streamed.stdout.trim().split('\n\n')
    assert.equal(events.at(-1), 'data: [DONE]')
    const parts = events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)).choices[0].text)
    assert.equal(parts.join(''), text)
  })

  test('a redundant answer through the same door, for the price that the menu said', async () => {
    const response = await fetch(`${gateway.baseUrl}/quote`, {
      method: 'POST',
      headers: { authorization: 'Bearer quack', 'content-type': 'application/json' },
      body: JSON.stringify({ model, api: 'completion', prompt: 'Once', maxTokens: 10 }),
    })
    const { menu } = (await response.json()) as {
      menu: { verify: string; isAvailable: boolean; price: { ceilingWei: string } }[]
    }
    const missing = menu.filter(({ isAvailable }) => !isAvailable).map(({ verify }) => verify)
    assert.deepEqual(missing, ['attested', 'proof'])
    const wish = { model, prompt: 'Once', max_tokens: 10, temperature: 0 }
    const signed = await client.completions.create(wish)
    const headers = { 'x-duckmesh-verify': 'redundant' }
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    const redundant = (await client.completions.create(wish, { headers })) as any
    assert.equal(redundant.choices[0].text, signed.choices[0]!.text)
    const { providers, costWei, receipts } = redundant.duckmesh
    assert.deepEqual([providers.length, receipts.length], [3, 3])
    assert.equal(costWei, menu.find(({ verify }) => verify === 'redundant')?.price.ceilingWei)
  })

  test('a provider that is killed in the middle does not show: another goes on, and every DUCK is accounted for', async () => {
    const wish = { model, prompt: 'Once upon a time', max_tokens: 220, temperature: 0 }
    const whole = (await client.completions.create(wish)).choices[0]!.text
    const { data: stream, response } = await client.completions
      .create({ ...wish, stream: true })
      .withResponse()
    const providerId = Number(response.headers.get('x-duckmesh-provider'))
    const { name } = world.mesh.info.providers.find((provider) => provider.providerId === providerId)!
    let text = ''
    let killing: Promise<void> | undefined
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    let extras: any
    for await (const part of stream) {
      text += part.choices[0]?.text ?? ''
      if (text !== '') killing ??= world.mesh.services.get(name)!.kill()
      // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
      extras = (part as any).duckmesh
    }
    await killing
    assert.equal(text, whole)
    assert.equal(extras.providers.length, 2)
    assert.equal((await world.client.getConservation()).ok, true)
    await world.mesh.restart(name)
  })

  test('a stop leaves channels open; another start goes on with them; --close brings the rest home', async () => {
    assert.equal(await gateway.stop(), 0)
    const open = await world.run('channels')
    assert.ok(open.value.channels.length > 0)
    assert.ok(open.value.channels.every(({ state }: { state: string }) => state === 'open'))
    const ids = (channels: { channelId: string }[]) => channels.map(({ channelId }) => channelId).sort()
    gateway = await world.start()
    const locked = await world.run('channels')
    assert.deepEqual([locked.code, locked.value.error.code], [1, 'STORE_LOCKED'])
    client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'any' })
    await client.completions.create({ model, prompt: 'Once', max_tokens: 4 })
    await gateway.stop()
    const closing = await world.run('channels', '--close')
    assert.deepEqual(ids(closing.value.channels), ids(open.value.channels))
    assert.ok(closing.value.channels.every(({ state }: { state: string }) => state === 'closing'))
  })

  test('a budget that is used up ends with an error of the API, and nothing more is spent', async () => {
    gateway = await world.start('--budget', '0.03')
    client = new OpenAI({ baseURL: gateway.baseUrl, apiKey: 'any', maxRetries: 0 })
    const ask = () => client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 64 })
    let spentWei = 0n
    const error = await (async () => {
      for (;;) {
        // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
        const answer = (await ask().catch((thrown: unknown) => ({ thrown }))) as any
        if (answer.thrown) return answer.thrown
        spentWei += BigInt(answer.duckmesh.costWei)
      }
    })()
    assert.deepEqual([error.status, error.code], [402, 'insufficient_quota'])
    assert.ok(spentWei > 0n && spentWei <= parseDuck('0.03'))
    await gateway.stop()
  })
})
