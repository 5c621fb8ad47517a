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
    buyer: { ...(await world.buyer()), close: async () => undefined },
    defaults: { verify: 'signed', privacy: 'open' },
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
