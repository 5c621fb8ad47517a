import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { chunk, createScriptedBuyer, jobId, model, type Script } from '../../test/scriptedBuyer.ts'
import { type Surface, startSurface } from '../../test/startSurface.ts'

let surface: Surface
afterEach(() => surface.stop())

async function setup(script?: Script, models = [model()]) {
  const scripted = createScriptedBuyer(script, models)
  surface = await startSurface({ buyer: scripted.buyer })
  return scripted
}
const body = { model: 'scripted', prompt: 'Once' }

test('a completion, whole and streamed, repeats the prompt when it is told to echo', async () => {
  const { asked } = await setup()
  const { body: whole } = await surface.json('/completions', { ...body, echo: true, stop: ['x', 'y'] })
  assert.deepEqual(whole.choices, [
    { index: 0, text: 'Oncea little duck', logprobs: null, finish_reason: 'stop' },
  ])
  assert.deepEqual([whole.object, whole.id], ['text_completion', `cmpl-${jobId.slice(2)}`])
  const { events, isDone } = await surface.events('/completions', { ...body, echo: true })
  assert.equal(events.map((event) => event.choices[0].text).join(''), 'Oncea little duck')
  assert.deepEqual([events.at(-1).choices[0].finish_reason, isDone], ['stop', true])
  const { request } = asked[0]!
  assert.ok(request.api === 'completion')
  assert.deepEqual([request.prompt, request.maxTokens, request.stop], ['Once', 16, ['x', 'y']])
})

test('an array of one prompt is one prompt', async () => {
  const { asked } = await setup()
  const { status } = await surface.json('/completions', { ...body, prompt: ['Once'] })
  assert.equal(status, 200)
  assert.ok(asked[0]?.request.api === 'completion' && asked[0].request.prompt === 'Once')
})

test('log-probabilities have the form of the completion API, with offsets into the text', async () => {
  const { asked } = await setup(async function* () {
    yield chunk(0, 'a', { topLogprobs: [[{ token: 1, text: ' the', logprob: -0.1 }]] })
    yield chunk(1, ' duck', { topLogprobs: [[{ token: 101, text: ' duck', logprob: -0.5 }]] })
    return {}
  })
  const { body: whole } = await surface.json('/completions', { ...body, logprobs: 1 })
  assert.deepEqual(whole.choices[0].logprobs, {
    tokens: ['a', ' duck'],
    token_logprobs: [-0.5, -0.5],
    top_logprobs: [{ ' the': -0.1, a: -0.5 }, { ' duck': -0.5 }],
    text_offset: [0, 1],
  })
  const { events } = await surface.events('/completions', { ...body, logprobs: 1 })
  const offsets = events.flatMap((event) => event.choices[0].logprobs?.text_offset ?? [])
  assert.deepEqual(offsets, [0, 1])
  assert.ok(asked[0]?.request.api === 'completion' && asked[0].request.topLogprobs === 1)
})

const vector = (...values: number[]) => Buffer.from(new Float32Array(values).buffer).toString('base64')

test('embeddings come as numbers or as base64, in the order of the texts', async () => {
  const { asked } = await setup(async function* () {
    yield chunk(0, '', { tokens: [], logprobs: [], embeddings: [vector(0.5, -1)] })
    yield chunk(1, '', { tokens: [], logprobs: [], embeddings: [vector(2, 0.25)] })
    return {}
  })
  const wish = { model: 'scripted', input: ['duck', 'goose'] }
  const { body: floats } = await surface.json('/embeddings', wish)
  assert.deepEqual(floats.data, [
    { object: 'embedding', index: 0, embedding: [0.5, -1] },
    { object: 'embedding', index: 1, embedding: [2, 0.25] },
  ])
  assert.deepEqual(floats.usage, { prompt_tokens: 5, total_tokens: 5 })
  const { body: base64 } = await surface.json('/embeddings', {
    ...wish,
    encoding_format: 'base64',
    dimensions: 2,
  })
  assert.equal(base64.data[1].embedding, vector(2, 0.25))
  assert.deepEqual(asked[0]?.request, { api: 'embedding', input: ['duck', 'goose'] })
  const { status, body: refused } = await surface.json('/embeddings', { ...wish, dimensions: 1 })
  assert.deepEqual([status, refused.error.param], [400, 'dimensions'])
  assert.equal(refused.error.duckmesh.details.dimensions, 2)
})

test('models are listed by name, by name and policy where names meet, and found by either', async () => {
  const [avx2, avx512] = [model({ kernelClass: 'avx2' }), model({ kernelClass: 'avx512' })]
  await setup(undefined, [avx2, avx512, model({ name: 'pond/duck1m' })])
  const read = async (path: string) => {
    const response = await fetch(`${surface.url}/models${path}`)
    // biome-ignore lint/suspicious/noExplicitAny: asserted below
    return { status: response.status, body: (await response.json()) as any }
  }
  const ids = [avx2, avx512].map(({ policy }) => `scripted@${policy.slice(2, 10)}`)
  const { body: list } = await read('')
  assert.deepEqual(
    list.data.map((entry: { id: string }) => entry.id),
    [...ids, 'pond/duck1m'],
  )
  assert.deepEqual(list.data[0].duckmesh.price, { requestWei: '100', promptTokenWei: '1', tokenWei: '10' })
  for (const name of [ids[1]!, `scripted@${avx512.policy}`, avx512.policy]) {
    assert.equal((await read(`/${name}`)).body.duckmesh.policy, avx512.policy, name)
  }
  assert.equal((await read('/pond/duck1m')).body.id, 'pond/duck1m')
  assert.equal((await read('/scripted@')).status, 404)
  const { status, body: missing } = await read('/swan')
  assert.deepEqual([status, missing.error.code], [404, 'model_not_found'])
  assert.deepEqual(missing.error.duckmesh.details.models, [...ids, 'pond/duck1m'])
})

test('a name with a policy asks for that policy, and for an API that the model takes', async () => {
  const [avx2, avx512] = [model({ kernelClass: 'avx2' }), model({ kernelClass: 'avx512' })]
  const { asked } = await setup(undefined, [avx2, { ...avx512, apis: ['chat'] }])
  await surface.json('/completions', { ...body, model: `scripted@${avx2.policy.slice(2, 8)}` })
  assert.equal(asked[0]?.options.model.policy, avx2.policy)
  await surface.json('/completions', body)
  assert.equal(asked[1]?.options.model.policy, avx2.policy, 'the other one takes chats alone')
  const { status, body: refused } = await surface.json('/completions', { ...body, model: avx512.policy })
  assert.deepEqual([status, refused.error.param], [404, 'model'])
})
