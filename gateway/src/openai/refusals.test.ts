import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DuckMeshError, limits } from '@duckmesh/protocol'
import { createScriptedBuyer } from '../../test/scriptedBuyer.ts'
import { type Surface, startSurface } from '../../test/startSurface.ts'

const KEY = 'Bearer duck-key'
let surface: Surface
let scripted: ReturnType<typeof createScriptedBuyer>

before(async () => {
  scripted = createScriptedBuyer()
  surface = await startSurface({
    buyer: scripted.buyer,
    defaults: { verify: 'signed', privacy: 'open', route: 'direct', maxPriceWei: 5_000n },
    admit: async (authorization) => {
      if (authorization !== KEY) throw new DuckMeshError('UNAUTHENTICATED', 'This API key is not known.')
      return {}
    },
  })
})
after(() => surface.stop())

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'Quack' }] }
const completion = { model: 'scripted', prompt: 'Once' }
const authorization = { authorization: KEY }
const PNG = 'data:image/png;base64,iVBORw0KGgo='
const shows = (url: string) => ({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] })
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

const refused: [string, string, unknown, number, string | null][] = [
  ['several answers', '/chat/completions', { ...chat, n: 2 }, 400, 'n'],
  [
    'a grammar',
    '/chat/completions',
    { ...chat, response_format: { type: 'json_object' } },
    400,
    'response_format',
  ],
  ['a frequency penalty', '/chat/completions', { ...chat, frequency_penalty: 0.5 }, 400, 'frequency_penalty'],
  ['a logit bias', '/completions', { ...completion, logit_bias: { 5: 1 } }, 400, 'logit_bias'],
  ['old functions', '/chat/completions', { ...chat, functions: [{}] }, 400, 'functions'],
  ['audio', '/chat/completions', { ...chat, modalities: ['text', 'audio'] }, 400, 'modalities'],
  [
    'an image somewhere else',
    '/chat/completions',
    { ...chat, messages: [shows('https://example.com/duck.png')] },
    400,
    'messages.0.content.0.image_url.url',
  ],
  [
    'an image of another kind',
    '/chat/completions',
    { ...chat, messages: [shows('data:image/gif;base64,R0lG')] },
    400,
    'messages.0.content.0.image_url.url',
  ],
  [
    'an image that is none',
    '/chat/completions',
    { ...chat, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    400,
    'messages.0.content.0.image_url.url',
  ],
  ['two images', '/chat/completions', { ...chat, messages: [shows(PNG), shows(PNG)] }, 400, 'messages'],
  [
    'words beside an image',
    '/chat/completions',
    { ...chat, messages: [...chat.messages, shows(PNG)] },
    400,
    'messages',
  ],
  [
    'tools beside an image',
    '/chat/completions',
    { ...chat, messages: [shows(PNG)], tools: [{}] },
    400,
    'tools',
  ],
  [
    'an image for a model that reads none',
    '/chat/completions',
    { ...chat, messages: [shows(PNG)] },
    404,
    'model',
  ],
  [
    'sound',
    '/chat/completions',
    { ...chat, messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
    400,
    'messages.0.content.0.type',
  ],
  [
    'an unknown role',
    '/chat/completions',
    { ...chat, messages: [{ role: 'duck', content: 'x' }] },
    400,
    'messages.0.role',
  ],
  ['alternatives without scores', '/chat/completions', { ...chat, top_logprobs: 2 }, 400, 'top_logprobs'],
  ['no messages', '/chat/completions', { model: 'scripted', messages: [] }, 400, 'messages'],
  ['no model', '/chat/completions', { messages: chat.messages }, 400, 'model'],
  ['too many tokens', '/chat/completions', { ...chat, max_tokens: limits.maxTokens + 1 }, 400, 'max_tokens'],
  ['a temperature that is none', '/chat/completions', { ...chat, temperature: 'hot' }, 400, 'temperature'],
  ['a suffix', '/completions', { ...completion, suffix: 'end' }, 400, 'suffix'],
  ['scores of the prompt', '/completions', { ...completion, echo: true, logprobs: 1 }, 400, 'echo'],
  ['several prompts', '/completions', { ...completion, prompt: ['a', 'b'] }, 400, 'prompt'],
  ['token ids', '/completions', { ...completion, prompt: [1, 2, 3] }, 400, 'prompt'],
  ['token ids to embed', '/embeddings', { model: 'scripted', input: [[1, 2]] }, 400, 'input'],
  ['an unknown model', '/completions', { ...completion, model: 'swan' }, 404, 'model'],
  [
    'a mode that is none',
    '/completions',
    { ...completion, duckmesh: { verify: 'trust' } },
    400,
    'duckmesh.verify',
  ],
  [
    'a mode that is not on offer',
    '/completions',
    { ...completion, duckmesh: { verify: 'proof' } },
    400,
    'duckmesh.verify',
  ],
  [
    'redundancy without its runner',
    '/completions',
    { ...completion, duckmesh: { verify: 'redundant' } },
    400,
    'duckmesh.verify',
  ],
  ['half a document', '/completions', '{"model":', 400, null],
  ['a list', '/completions', '[]', 400, null],
  ['a document of 10,000 levels', '/completions', nested(10_000), 400, 'model'],
  ['a prototype', '/completions', '{"__proto__":{"model":"scripted","prompt":"x"}}', 400, 'model'],
  [
    'a body over the limit',
    '/completions',
    { ...completion, prompt: 'x'.repeat(limits.maxStreamBodyBytes) },
    413,
    null,
  ],
  ['an unknown path', '/images/generations', {}, 404, null],
]
for (const [what, path, body, status, param] of refused) {
  test(`${what} is refused in the form of the API, and buys nothing`, async () => {
    const response = await surface.json(path, body, authorization)
    assert.deepEqual(
      [response.status, response.body.error.param],
      [status, param],
      response.body.error.message,
    )
    const { error } = response.body
    assert.deepEqual(Object.keys(error).sort(), ['code', 'duckmesh', 'message', 'param', 'type'])
    assert.equal(error.type, 'invalid_request_error')
    assert.ok(error.duckmesh.hint.length > 10)
    assert.equal(response.headers.get('x-should-retry'), 'false')
    assert.equal(scripted.asked.length, 0)
  })
}

test('without the right key nothing is told, not even whether the body is right', async () => {
  for (const header of [{}, { authorization: 'Bearer other' }]) {
    const { status, body } = await surface.json('/completions', '{"broken', header)
    assert.deepEqual([status, body.error.code], [401, 'invalid_api_key'])
  }
  assert.equal((await fetch(`${surface.url}/models`)).status, 401)
})

test('a body of another type is refused: pages of other sites can send only those unasked', async () => {
  const headers = { authorization: KEY, 'content-type': 'text/plain' }
  const { status, body } = await surface.json('/completions', completion, headers)
  assert.deepEqual([status, body.error.code], [400, 'invalid_value'])
  assert.equal(scripted.asked.length, 0)
})

test('fields that are unknown, neutral or only describe the caller are ignored', async () => {
  const more = {
    n: 1,
    user: 'me',
    metadata: { a: 'b' },
    store: true,
    quack: [1],
    frequency_penalty: 0,
    logit_bias: {},
  }
  const nothing = {
    stop: null,
    seed: null,
    tools: null,
    response_format: { type: 'text' },
    stream_options: null,
  }
  const { status } = await surface.json('/chat/completions', { ...chat, ...more, ...nothing }, authorization)
  assert.equal(status, 200)
})

test('headers go before the body; the limit of the gateway holds in any case', async () => {
  const from = scripted.asked.length
  const extras = {
    duckmesh: { verify: 'signed', maxPrice: '0.000000000000004', privacy: 'open', route: 'direct' },
  }
  const headers = {
    ...authorization,
    'x-duckmesh-verify': 'reference',
    'x-duckmesh-privacy': 'sealed',
    'x-duckmesh-max-price': '1',
  }
  await surface.json('/completions', { ...completion, ...extras }, authorization)
  await surface.json('/completions', { ...completion, ...extras }, headers)
  assert.deepEqual(
    scripted.asked.slice(from).map(({ options }) => [options.mode, options.privacy, options.maxPriceWei]),
    [
      ['signed', 'open', 4_000n],
      ['reference', 'sealed', 5_000n],
    ],
  )
  // what goes by the relay is sealed, whatever was said about that
  const relayed = { ...authorization, 'x-duckmesh-route': 'relay', 'x-duckmesh-privacy': 'open' }
  const { body } = await surface.json('/completions', { ...completion, ...extras }, relayed)
  const { options } = scripted.asked.at(-1)!
  assert.deepEqual([options.route, options.privacy], ['relay', 'sealed'])
  assert.deepEqual([body.duckmesh.route, body.duckmesh.privacy], ['relay', 'sealed'])
  const wrong = { ...authorization, 'x-duckmesh-route': 'tor' }
  assert.equal((await surface.json('/completions', completion, wrong)).status, 400)
  const { status } = await surface.json('/completions', completion, {
    ...authorization,
    'x-duckmesh-max-price': '-1',
  })
  assert.equal(status, 400)
})
