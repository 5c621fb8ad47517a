// What nodes serve beside text: vectors by MiniLM, images by Tesseract, tools by an OpenAI-compatible server (simulated).
// Bought by programs that know nothing of DuckMesh, and by the command.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { installMinilm } from '@duckmesh/provider-node'
import { generateText, jsonSchema, stepCountIs, tool } from 'ai'
import OpenAI from 'openai'
import { startSimulatedToolServer } from './support/simulatedToolServer.ts'
import { type GatewayMesh, startGatewayMesh } from './support/startGateway.ts'

const image = fileURLToPath(new URL('../provider-node/src/executors/fixtures/invoice.png', import.meta.url))
const text = 'Invoice 2041 of 12 May\nTotal: 18.50 DUCK\nPaid by the buyer.\n'
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

describe('engines beside text', () => {
  let world: GatewayMesh
  let tools: Awaited<ReturnType<typeof startSimulatedToolServer>>
  let client: OpenAI
  let baseUrl: string

  before(async () => {
    await installMinilm() // fetched here when it is not there, so that no node is late for it
    tools = await startSimulatedToolServer()
    world = await startGatewayMesh([
      { name: 'mallard', env: { EMBEDDINGS: 'minilm' } },
      { name: 'teal', env: { OCR: 'on', STREAM_REQUEST_DUCK: '0.01' } },
      {
        name: 'eider',
        env: {
          OPENAI_URL: tools.url,
          OPENAI_MODEL: 'simulated-tools',
          OPENAI_MODEL_SHA256: 'ab'.repeat(32),
          OPENAI_APIS: 'chat',
        },
      },
    ])
    ;({ baseUrl } = await world.start())
    client = new OpenAI({ baseURL: baseUrl, apiKey: 'any', maxRetries: 0 })
  })
  after(async () => {
    await world?.end()
    await tools?.stop()
  })

  test('openai: vectors of texts, by tokens of the prompt, ranked as the model card says', async () => {
    const input = ['That is a happy person', 'That is a very happy person', 'Today is a sunny day']
    const { data, usage, model } = await client.embeddings.create({ model: 'minilm', input })
    assert.deepEqual([model, data.map(({ index }) => index)], ['minilm', [0, 1, 2]])
    const [person, very, sunny] = data.map(({ embedding }) => embedding) as [number[], number[], number[]]
    const likeness = (other: number[]) => person.reduce((sum, value, at) => sum + value * other[at]!, 0)
    // published scores of the model for these sentences: 0.943 and 0.257
    assert.ok(Math.abs(likeness(very) - 0.943) < 0.01, `${likeness(very)}`)
    assert.ok(Math.abs(likeness(sunny) - 0.257) < 0.01, `${likeness(sunny)}`)
    assert.equal(usage.total_tokens, 7 + 8 + 7, 'with [CLS] and [SEP]')
    const floats = await client.embeddings.create({ model: 'minilm', input, encoding_format: 'float' })
    assert.deepEqual(floats.data[0]!.embedding.map(Math.fround), [...person].map(Math.fround))
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    const { duckmesh } = floats as any
    assert.equal(duckmesh.receipts[0].receipt.amountWei, duckmesh.costWei)
    assert.ok(BigInt(duckmesh.costWei) > 0n)
  })

  test('openai: a model is asked for what it serves, and says what that is', async () => {
    const ask = client.embeddings.create({ model: 'tesseract-eng', input: 'a duck' })
    await assert.rejects(ask, (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError)
      assert.match(error.message, /takes ocr, not embedding/)
      return true
    })
  })

  const shown = async () => ({
    type: 'image_url' as const,
    image_url: { url: `data:image/png;base64,${(await readFile(image)).toString('base64')}` },
  })

  test('openai: an image in a chat is read, whole and streamed, for the price of a request', async () => {
    const messages = [{ role: 'user' as const, content: [await shown()] }]
    const whole = await client.chat.completions.create({ model: 'tesseract-eng', messages })
    assert.deepEqual([whole.choices[0]!.message.content, whole.choices[0]!.finish_reason], [text, 'stop'])
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    assert.equal((whole as any).duckmesh.costDuck, '0.01')
    let streamed = ''
    const parts = await client.chat.completions.create({ model: 'tesseract-eng', messages, stream: true })
    for await (const { choices } of parts) streamed += choices[0]?.delta.content ?? ''
    assert.equal(streamed, text)
  })

  test('AI SDK: the same image', async () => {
    const provider = createOpenAICompatible({ name: 'duckmesh', baseURL: baseUrl, apiKey: 'any' })
    const content = [{ type: 'file' as const, data: await readFile(image), mediaType: 'image/png' }]
    const answer = await generateText({
      model: provider('tesseract-eng'),
      messages: [{ role: 'user', content }],
    })
    assert.equal(answer.text, text)
  })

  test('duckmesh ocr: reads a file, sealed or open, and pays by receipt', async () => {
    // a running gateway keeps its purse to itself: the command takes another
    const purse = await mkdtemp(join(tmpdir(), 'duckmesh-ocr-'))
    try {
      for (const privacy of ['open', 'sealed']) {
        const { code, value, stderr } = await world.run(
          'ocr',
          image,
          '--state-dir',
          purse,
          '--privacy',
          privacy,
        )
        assert.deepEqual([code, value.text], [0, text], stderr)
        assert.deepEqual(
          [value.costWei, value.receipts[0].receipt.amountWei],
          [`${10n ** 16n}`, `${10n ** 16n}`],
        )
      }
      const missing = await world.run('ocr', join(purse, 'none.png'), '--state-dir', purse)
      assert.deepEqual([missing.code, missing.value.error.code], [2, 'BAD_REQUEST'])
      const cheap = await world.run('ocr', image, '--state-dir', purse, '--max-price', '0.001')
      assert.equal(cheap.value.error.code, 'NO_PROVIDERS')
    } finally {
      await rm(purse, { recursive: true })
    }
  })

  const messages = [{ role: 'user' as const, content: 'How is the weather in Lisbon?' }]

  test('openai: a tool is called, and its result told: streamed, then whole', async () => {
    const wish = { model: 'simulated-tools', messages, tools: [weather] }
    const first = client.chat.completions.stream(wish)
    const { choices, usage } = await first.finalChatCompletion()
    const { finish_reason, message } = choices[0]!
    assert.equal(finish_reason, 'tool_calls')
    const [call] = message.tool_calls!
    assert.ok(call?.type === 'function')
    assert.deepEqual(
      [call.function.name, JSON.parse(call.function.arguments)],
      ['weather', { city: 'Lisbon' }],
    )
    assert.equal(usage ?? undefined, undefined, 'nobody asked for it')
    const second = await client.chat.completions.create({
      ...wish,
      messages: [...messages, message, { role: 'tool', tool_call_id: call.id, content: 'rain' }],
    })
    assert.deepEqual(
      [second.choices[0]!.message.content, second.choices[0]!.finish_reason],
      ['The weather: rain', 'stop'],
    )
    assert.deepEqual(tools.asked.at(-1)?.tools, [weather], 'as the client wrote it')
    assert.equal(tools.asked.at(-1)?.messages.at(-1)?.tool_call_id, 'call_1')
    // biome-ignore lint/suspicious/noExplicitAny: a field beyond the API's types
    const { receipts, costWei } = (second as any).duckmesh
    assert.equal(receipts[0].receipt.amountWei, costWei)
  })

  test('AI SDK: runs the tool by itself and gives the answer', async () => {
    const provider = createOpenAICompatible({ name: 'duckmesh', baseURL: baseUrl, apiKey: 'any' })
    const cities: string[] = []
    const { text: said, steps } = await generateText({
      model: provider('simulated-tools'),
      prompt: 'How is the weather in Lisbon?',
      stopWhen: stepCountIs(3),
      tools: {
        weather: tool({
          inputSchema: jsonSchema<{ city: string }>(weather.function.parameters as never),
          execute: async ({ city }) => {
            cities.push(city)
            return 'sun'
          },
        }),
      },
    })
    assert.deepEqual([cities, steps.length], [['Lisbon'], 2])
    assert.match(said, /^The weather: .*sun/)
  })

  test('a model without tools refuses them, and nothing is paid', async () => {
    const ask = client.chat.completions.create({ model: 'stories15m', messages, tools: [weather] })
    await assert.rejects(ask, OpenAI.BadRequestError)
  })
})
