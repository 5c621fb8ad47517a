import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { chunk, createScriptedBuyer, jobId, model, type Script } from '../../test/scriptedBuyer.ts'
import { type Surface, startSurface } from '../../test/startSurface.ts'

let surface: Surface
afterEach(() => surface.stop())

const body = { model: 'scripted', messages: [{ role: 'user', content: 'Tell me of ducks' }] }
const chat = '/chat/completions'

async function setup(script?: Script, models = [model()]) {
  const scripted = createScriptedBuyer(script, models)
  surface = await startSurface({ buyer: scripted.buyer })
  return scripted
}

test('a whole answer has the form of the API, usage, headers and what DuckMesh knows', async () => {
  const { asked } = await setup()
  const { status, headers, body: answer } = await surface.json(chat, { ...body, max_tokens: 9 })
  assert.equal(status, 200)
  assert.deepEqual(answer.choices, [
    {
      index: 0,
      message: { role: 'assistant', content: 'a little duck', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ])
  assert.deepEqual(answer.usage, { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 })
  assert.deepEqual(
    [answer.object, answer.model, answer.created],
    ['chat.completion', 'scripted', 1_700_000_000],
  )
  assert.equal(answer.id, `chatcmpl-${jobId.slice(2)}`)
  assert.equal(headers.get('x-duckmesh-job'), jobId)
  assert.equal(headers.get('x-duckmesh-provider'), '7')
  assert.equal(headers.get('x-duckmesh-policy'), model().policy)
  assert.match(headers.get('x-request-id')!, /^[0-9a-f-]{36}$/)
  const { duckmesh } = answer
  assert.deepEqual([duckmesh.jobs, duckmesh.providers, duckmesh.costWei], [[jobId], [7], '130'])
  assert.deepEqual(duckmesh.why, [{ providerId: 3, reason: 'AT_CAPACITY', fix: 'Wait.' }])
  assert.equal(duckmesh.verification.mode, 'signed')
  assert.equal(duckmesh.seed, 0xffff_fffe, 'the gateway drew it')
  const { request, options } = asked[0]!
  assert.ok(request.api === 'chat')
  assert.deepEqual(
    [request.maxTokens, request.temperature, request.topP, request.seed, request.stop],
    [9, 1, 1, 0xffff_fffe, []],
  )
  assert.deepEqual(options.model, { policy: model().policy })
})

test('a streamed answer begins with the role, ends with the reason, and with [DONE]', async () => {
  await setup()
  const { response, events, isDone } = await surface.events(chat, body)
  assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
  assert.equal(isDone, true)
  assert.deepEqual(events[0].choices[0].delta, { role: 'assistant', content: '', refusal: null })
  assert.equal(events.map((event) => event.choices[0]?.delta.content ?? '').join(''), 'a little duck')
  const last = events.at(-1)
  assert.deepEqual([last.choices[0].delta, last.choices[0].finish_reason], [{}, 'stop'])
  assert.deepEqual([last.duckmesh.jobs, last.duckmesh.costWei], [[jobId], '130'])
  assert.ok(events.every((event) => event.object === 'chat.completion.chunk' && !('usage' in event)))
})

test('include_usage adds a last piece without choices; all others have usage null', async () => {
  await setup()
  const { events } = await surface.events(chat, { ...body, stream_options: { include_usage: true } })
  const last = events.pop()
  assert.deepEqual([last.choices, last.usage.total_tokens, last.duckmesh.costWei], [[], 8, '130'])
  assert.ok(events.every((event) => event.usage === null && !('duckmesh' in event)))
})

test('log-probabilities have the form of the chat API; a character of two tokens is the text of the second', async () => {
  const top = (token: number, text: string) => [
    { token, text, logprob: -0.5 },
    { token: 9, text: ' goose', logprob: -1.5 },
  ]
  await setup(async function* () {
    yield chunk(0, ' duck', { topLogprobs: [top(100, ' duck')] })
    yield chunk(1, '🦆', { tokens: [5, 6], logprobs: [-1, -2] })
    return {}
  })
  const wish = { ...body, logprobs: true, top_logprobs: 2 }
  const whole = (await surface.json(chat, wish)).body.choices[0].logprobs
  assert.deepEqual(whole.content[0], {
    token: ' duck',
    logprob: -0.5,
    bytes: [32, 100, 117, 99, 107],
    top_logprobs: [
      { token: ' duck', logprob: -0.5, bytes: [32, 100, 117, 99, 107] },
      { token: ' goose', logprob: -1.5, bytes: [32, 103, 111, 111, 115, 101] },
    ],
  })
  assert.deepEqual(
    whole.content
      .slice(1)
      .map((entry: { token: string; bytes: number[] }) => [entry.token, entry.bytes.length]),
    [
      ['', 0],
      ['🦆', 4],
    ],
  )
  const { events } = await surface.events(chat, wish)
  const streamed = events.flatMap((event) => event.choices[0].logprobs?.content ?? [])
  assert.deepEqual(streamed, whole.content)
})

test('tool calls pass: pieces in a stream, put together in a whole answer', async () => {
  const delta = (index: number, piece: Record<string, string>) => ({ index, function: piece })
  const { asked } = await setup(async function* () {
    yield chunk(0, '', {
      toolCalls: [{ ...delta(0, { name: 'swim', arguments: '' }), id: 'call_1', type: 'function' }],
    })
    yield chunk(1, '', { toolCalls: [delta(0, { arguments: '{"to":' })] })
    yield chunk(2, '', { toolCalls: [delta(0, { arguments: '"pond"}' })] })
    return { finishReason: 'tool_calls' }
  })
  const tools = [{ type: 'function', function: { name: 'swim', parameters: { type: 'object' } } }]
  const calls = [{ id: 'call_0', type: 'function', function: {} }]
  const messages = [
    ...body.messages,
    { role: 'assistant', content: null, tool_calls: calls },
    { role: 'tool', content: 'done', tool_call_id: 'call_0' },
  ]
  const wish = { ...body, messages, tools, tool_choice: 'auto' }
  const { body: answer } = await surface.json(chat, wish)
  assert.deepEqual(answer.choices[0].message, {
    role: 'assistant',
    content: null,
    refusal: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'swim', arguments: '{"to":"pond"}' } }],
  })
  assert.equal(answer.choices[0].finish_reason, 'tool_calls')
  const { request } = asked[0]!
  assert.ok(request.api === 'chat')
  assert.deepEqual([request.tools, request.toolChoice], [tools, 'auto'])
  assert.deepEqual(request.messages.slice(1), [
    { role: 'assistant', content: null, toolCalls: calls },
    { role: 'tool', content: 'done', toolCallId: 'call_0' },
  ])
  const { events } = await surface.events(chat, wish)
  const pieces = events.flatMap((event) => event.choices[0].delta.tool_calls ?? [])
  assert.equal(pieces.map((piece) => piece.function.arguments).join(''), '{"to":"pond"}')
})

test('without a limit the answer may fill what the context leaves, at least a quarter', async () => {
  const { asked } = await setup()
  await surface.json(chat, body)
  await surface.json(chat, { ...body, messages: [{ role: 'user', content: 'x'.repeat(5_000) }] })
  const [short, long] = asked.map(({ request }) => ('maxTokens' in request ? request.maxTokens : 0))
  assert.ok(short! > 800 && short! < 1_024, `${short}`)
  assert.equal(long, 256)
})

test('seeds of any integer stay equal when they are equal; max_completion_tokens goes before max_tokens', async () => {
  const { asked } = await setup()
  for (const seed of [7, 7, -1, 2 ** 40]) {
    await surface.json(chat, { ...body, seed, stop: 'x', max_tokens: 3, max_completion_tokens: 4 })
  }
  const requests = asked.map(({ request }) => request as Extract<typeof request, { api: 'chat' }>)
  assert.deepEqual(
    requests.map(({ seed, maxTokens, stop }) => [seed, maxTokens, stop[0]]),
    [
      [7, 4, 'x'],
      [7, 4, 'x'],
      [0xffff_fffe, 4, 'x'],
      [2 ** 40 % 0xffff_ffff, 4, 'x'],
    ],
  )
})

test('an answer that a price limit ended is a whole answer of the reason length', async () => {
  await setup(async function* () {
    yield chunk(0, 'a')
    return { finishReason: 'unpaid' }
  })
  const { status, body: answer } = await surface.json(chat, body, { 'x-duckmesh-max-price': '0.000001' })
  assert.deepEqual(
    [status, answer.choices[0].finish_reason, answer.duckmesh.finish],
    [200, 'length', 'unpaid'],
  )
})

test('a change of provider does not show in the answer, and is told at its end', async () => {
  await setup(async function* () {
    yield chunk(0, 'a')
    yield { type: 'switch', fromProviderId: 7, toProviderId: 8, why: 'STREAM_CUT' }
    yield { type: 'start', streamId: `0x${'34'.repeat(32)}`, providerId: 8, policy: model().policy }
    yield chunk(0, ' duck')
    return { streamIds: [jobId, `0x${'34'.repeat(32)}`], providers: [7, 8] }
  })
  const { events } = await surface.events(chat, body)
  assert.equal(events.map((event) => event.choices[0].delta.content ?? '').join(''), 'a duck')
  assert.equal(new Set(events.map((event) => event.id)).size, 1)
  assert.deepEqual(events.at(-1).duckmesh.providers, [7, 8])
})
