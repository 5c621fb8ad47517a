// The surface over a real buyer on a real chain; only the provider's engine is a test's.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LocalGateway, startLocalGateway } from '../src/home/startLocalGateway.ts'
import { startWorld, type TestWorld } from './testWorld.ts'

let world: TestWorld
let gateway: LocalGateway

before(async () => {
  world = await startWorld(2)
  gateway = await startLocalGateway({
    // the world closes its buyers itself
    buyer: {
      ...(await world.buyer({
        settings: { resumeTries: 1, resumeAfterMs: 20, silenceMs: 300 },
        forgetHalfMs: 1,
      })),
      close: async () => undefined,
    },
    defaults: { verify: 'signed', privacy: 'open', route: 'direct' },
    port: 0,
    onError: (error) => console.error(error),
  })
})
after(async () => {
  await gateway?.stop()
  await world?.stop()
})

const post = (body: object, headers: Record<string, string> = {}) =>
  fetch(`${gateway.baseUrl}/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'duck', prompt: 'Once', max_tokens: 6, ...body }),
  })

test('an answer is bought over a channel, with a receipt that adds up', async () => {
  const response = await post({})
  // biome-ignore lint/suspicious/noExplicitAny: asserted below
  const answer = (await response.json()) as any
  assert.equal(response.status, 200, JSON.stringify(answer))
  const [{ receipt }] = answer.duckmesh.receipts
  assert.equal(receipt.amountWei, answer.duckmesh.costWei)
  assert.equal(receipt.jobId, answer.duckmesh.jobs[0])
  assert.equal(receipt.completionTokens, answer.usage.completion_tokens)
  assert.equal(gateway.spentWei(), BigInt(receipt.amountWei))
})

test('a price limit that nobody meets is refused with every provider and what would have to change', async () => {
  const response = await post({}, { 'x-duckmesh-max-price': '0.000000000000000001' })
  // biome-ignore lint/suspicious/noExplicitAny: asserted below
  const { error } = (await response.json()) as any
  assert.equal(response.status, 503, JSON.stringify(error))
  assert.equal(error.code, 'NO_PROVIDERS')
  assert.equal(error.duckmesh.why.length, 2)
  assert.ok(
    error.duckmesh.why.every(({ reason, fix }: Record<string, string>) => reason === 'PRICE_TOO_HIGH' && fix),
  )
})

/** Asks for a streamed answer. @returns its provider by the headers, its text, and what its last event says */
async function streamed(max_tokens: number) {
  const response = await post({ stream: true, max_tokens })
  const events = (await response.text()).split('\n\n').map((event) => event.replace(/^data: /, ''))
  const parsed = events.filter((data) => data.startsWith('{')).map((data) => JSON.parse(data))
  return {
    header: Number(response.headers.get('x-duckmesh-provider')),
    text: parsed.map(({ choices }) => choices[0]?.text ?? '').join(''),
    duckmesh: parsed.at(-1).duckmesh,
  }
}

const faults = {
  'its engine fails, and it signs for its part': { failsAfter: 7 },
  'it is gone, with a checkpoint alone': { silentAfter: 7 },
}
for (const [what, fault] of Object.entries(faults)) {
  test(`a switch in the middle, since ${what}: the last event names both, with tokens and proofs`, async () => {
    const whole = await streamed(20)
    assert.equal(whole.duckmesh.parts.length, 1)
    const failing = world.providers.find(({ providerId }) => providerId === whole.header)!
    failing.faults = fault
    const cut = await streamed(20)
    failing.faults = {}
    assert.equal(cut.text, whole.text)
    const [first, second, ...more] = cut.duckmesh.parts
    assert.deepEqual(more, [])
    assert.equal(cut.header, failing.providerId, 'headers can only name the first')
    assert.deepEqual([first.provider, second.provider], cut.duckmesh.providers)
    assert.deepEqual([first.job, second.job], cut.duckmesh.jobs)
    assert.ok(first.tokens > 0 && second.tokens > 0)
    assert.deepEqual([first.firstToken, second.firstToken], [0, first.tokens])
    assert.equal(first.tokens + second.tokens, 20)
    assert.equal(String(BigInt(first.costWei) + BigInt(second.costWei)), cut.duckmesh.costWei)
    assert.equal(second.receipt.receipt.providerId, second.provider)
    assert.equal(second.receipt.receipt.completionTokens, second.tokens)
    if ('failsAfter' in fault) {
      assert.deepEqual([first.receipt.receipt.completionTokens, first.checkpoint], [first.tokens, null])
    } else {
      const { checkpoint } = first.checkpoint
      assert.equal(first.receipt, null)
      assert.deepEqual([checkpoint.streamId, checkpoint.providerId], [first.job, first.provider])
      assert.ok(checkpoint.completionTokens <= first.tokens)
    }
  })
}
