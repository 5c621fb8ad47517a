import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { chunk, createScriptedBuyer, jobId, model, threeWords } from '../../test/scriptedBuyer.ts'
import { type Surface, startSurface } from '../../test/startSurface.ts'
import type { RedundantRunner } from '../gateway.ts'
import type { MenuLine } from './quote.ts'

let surface: Surface
afterEach(() => surface.stop())

/** Seats for 5,000 wei each that say three words at once. */
const runner = (seatPriceWei: bigint | undefined): RedundantRunner => ({
  seats: 3,
  seatPriceWei: async () => seatPriceWei,
  async *stream(_request, { policy }) {
    yield { type: 'start', streamId: jobId, providerId: 1, policy }
    yield { type: 'chunk', chunk: chunk(0, 'a little duck', { tokens: [1, 2, 3], logprobs: [] }) }
    const usage = { promptTokens: 4, completionTokens: 3 }
    const providers = [1, 2, 3]
    return {
      streamIds: [jobId],
      providers,
      usage,
      costWei: 15_000n,
      finishReason: 'stop',
      receipts: [],
      why: [],
      parts: [],
    }
  },
})

const quote = async (body: Record<string, unknown>) => {
  const { status, body: answer } = await surface.json('/quote', { model: 'scripted', ...body })
  const menu = new Map<string, MenuLine>((answer.menu ?? []).map((line: MenuLine) => [line.verify, line]))
  return { status, answer, menu }
}

/** Code of the first reason why a line is not on offer. */
const codeOf = (line: MenuLine | undefined) => (line?.why[0] as { code: string } | undefined)?.code

test('the menu has a line for every mode: price, what it proves and does not, or why it is not to be had', async () => {
  const { buyer, asked } = createScriptedBuyer()
  surface = await startSurface({ buyer, redundant: runner(5_000n) })
  const { menu, answer } = await quote({ api: 'completion', prompt: 'Once upon', maxTokens: 20 })
  assert.equal(answer.policy, model().policy)
  assert.deepEqual([...menu.keys()], ['signed', 'reference', 'redundant', 'attested', 'proof'])
  for (const line of menu.values()) {
    assert.ok(line.proves.length > 40 && line.notProved.length > 40)
    assert.equal(line.isAvailable, line.price !== null)
  }
  // 100 for the request, 3 guessed tokens of 9 characters, half of 20 tokens at 10
  assert.equal(menu.get('signed')?.price?.expectedWei, String(100 + 3 + 100))
  assert.equal(menu.get('signed')?.price?.ceilingWei, '1000')
  assert.equal(menu.get('redundant')?.price?.ceilingWei, '15000')
  for (const mode of ['attested', 'proof']) {
    assert.equal(menu.get(mode)?.isAvailable, false)
    assert.deepEqual(Object.keys(menu.get(mode)?.why[0] as object).sort(), ['code', 'fix', 'reason'])
  }
  assert.equal(asked.length, 0, 'nothing is bought')
})

test('a quote takes messages, or only the length of the prompt', async () => {
  surface = await startSurface({ buyer: createScriptedBuyer().buyer, redundant: runner(5_000n) })
  const chat = await quote({ messages: [{ role: 'user', content: 'Quack' }], maxTokens: 8 })
  assert.equal(codeOf(chat.menu.get('redundant')), 'NOT_REDUNDANT')
  const length = await quote({ api: 'completion', promptTokens: 40, maxTokens: 8 })
  assert.equal(length.menu.get('signed')?.price?.expectedWei, String(100 + 40 + 40))
  assert.equal((await quote({ api: 'completion' })).status, 400)
  assert.equal((await quote({ model: 'swan', prompt: 'x' })).status, 404)
})

test('a mode that nobody offers says which provider is missing, and why', async () => {
  const { buyer } = createScriptedBuyer(threeWords, [model()])
  surface = await startSurface({ buyer, redundant: runner(undefined) })
  const { menu } = await quote({ api: 'completion', prompt: 'x' })
  assert.equal(codeOf(menu.get('redundant')), 'TOO_FEW_SEATS')
})

test('a redundant answer comes through the same door; what its seats cannot run is refused with the reason', async () => {
  surface = await startSurface({ buyer: createScriptedBuyer().buyer, redundant: runner(5_000n) })
  const body = { model: 'scripted', prompt: 'Once', duckmesh: { verify: 'redundant' } }
  const { body: answer } = await surface.json('/completions', body)
  assert.equal(answer.choices[0].text, 'a little duck')
  assert.deepEqual([answer.duckmesh.providers, answer.duckmesh.costWei], [[1, 2, 3], '15000'])
  const { events, isDone } = await surface.events('/completions', body)
  assert.deepEqual([events[0].choices[0].text, isDone], ['a little duck', true])
  for (const more of [
    { stop: 'x' },
    { logprobs: 1 },
    { top_p: 0.5 },
    { duckmesh: { verify: 'redundant', privacy: 'sealed' } },
  ]) {
    const { status, body: refused } = await surface.json('/completions', { ...body, ...more })
    assert.deepEqual([status, refused.error.duckmesh.why[0].code], [400, 'NOT_REDUNDANT'])
  }
  const dear = await surface.json('/completions', body, { 'x-duckmesh-max-price': '0.000000000000014' })
  assert.deepEqual([dear.status, dear.body.error.code], [503, 'NO_PROVIDERS'])
})
