import assert from 'node:assert/strict'
import { request } from 'node:http'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { chunk, createScriptedBuyer, identity, type Script } from '../../test/scriptedBuyer.ts'
import { createBudget } from './budget.ts'
import { type LocalGateway, type LocalGatewayOptions, startLocalGateway } from './startLocalGateway.ts'

let gateway: LocalGateway
afterEach(() => gateway?.stop())

async function setup(options: Partial<LocalGatewayOptions> = {}, script?: Script) {
  const scripted = createScriptedBuyer(script)
  gateway = await startLocalGateway({
    buyer: scripted.buyer,
    defaults: { verify: 'signed', privacy: 'open', route: 'direct' },
    port: 0,
    onError: (error) => assert.fail(error),
    ...options,
  })
  return scripted
}

const complete = (headers: Record<string, string> = {}) =>
  fetch(`${gateway.baseUrl}/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'scripted', prompt: 'Once' }),
  })

/** Asks with a Host header of its own, which fetch does not allow. */
const statusFor = (host: string) =>
  new Promise<number>((resolve, reject) => {
    const { hostname, port } = new URL(gateway.baseUrl)
    request({ hostname, port, path: '/v1/models', headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
      .on('error', reject)
      .end()
  })

test('it serves this machine under its own names alone, and lets no page of a browser read it', async () => {
  await setup()
  assert.match(gateway.baseUrl, /^http:\/\/127\.0\.0\.1:\d+\/v1$/)
  for (const host of ['localhost:8787', '127.0.0.1', '[::1]:1'])
    assert.equal(await statusFor(host), 200, host)
  for (const host of ['duck.example', '127.0.0.1.evil.example', 'localhost.evil:8787']) {
    assert.equal(await statusFor(host), 403, host)
  }
  const { headers } = await complete({ origin: 'https://evil.example' })
  assert.equal(headers.get('keep-alive'), 'timeout=65', 'longer than what stands in front leaves it idle')
  assert.equal(headers.get('access-control-allow-origin'), null)
  const preflight = await fetch(`${gateway.baseUrl}/completions`, {
    method: 'OPTIONS',
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  })
  assert.equal(preflight.headers.get('access-control-allow-origin'), null)
})

test('with a key, nothing but /health is told without it', async () => {
  await setup({ apiKey: 'quack' })
  assert.equal((await complete()).status, 401)
  assert.equal((await complete({ authorization: 'Bearer quac' })).status, 401)
  assert.equal((await complete({ authorization: 'Bearer quack' })).status, 200)
  const root = gateway.baseUrl.replace('/v1', '')
  assert.equal((await fetch(`${root}/status`)).status, 401)
  const status = await fetch(`${root}/status`, { headers: { authorization: 'Bearer quack' } })
  const { payer, voucherKey, route, ...rest } = (await status.json()) as Record<string, unknown>
  assert.deepEqual({ payer, voucherKey, route }, identity)
  assert.deepEqual(Object.keys(rest), ['health', 'balance', 'channels'])
  const health = await fetch(`${root}/health`)
  assert.deepEqual(await health.json(), { status: 'ok', route, voucherKey })
})

test('a budget ends with an error that says what is left', async () => {
  // each answer costs 130 wei, and 2,000 are put aside for it
  await setup({ budgetWei: 2_200n })
  assert.equal((await complete()).status, 200)
  assert.equal((await complete()).status, 200)
  const refused = await complete()
  const { error } = (await refused.json()) as { error: { code: string; duckmesh: { details: unknown } } }
  assert.deepEqual([refused.status, error.code], [402, 'insufficient_quota'])
  assert.deepEqual(error.duckmesh.details, { leftWei: '1940', neededWei: '2000' })
  assert.equal(gateway.spentWei(), 260n)
})

test('requests at once stay within a budget together, whatever each of them turns out to cost', async () => {
  const till = createBudget(1_000n)
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => till.hold(300n)))
  const holds = tries.flatMap((entry) => (entry.status === 'fulfilled' ? [entry.value] : []))
  assert.equal(holds.length, 3)
  for (const hold of [...holds, ...holds]) await hold.settle(100n)
  await till.hold(700n)
  await assert.rejects(till.hold(1n), { code: 'BUDGET_SPENT' })
})

test('a stop lets what runs come to its end, takes nothing new, and closes the buyer once', async () => {
  let closed = 0
  const scripted = createScriptedBuyer(async function* () {
    for (let index = 0; index < 10; index++) {
      await sleep(30)
      yield chunk(index, 'x')
    }
    return {}
  })
  const close = async () => void closed++
  await setup({ buyer: { ...scripted.buyer, close } })
  const running = complete()
  while (scripted.pace.given === 0) await sleep(10)
  const stopped = Promise.all([gateway.stop(), gateway.stop()])
  const answer = (await (await running).json()) as { choices: { text: string }[] }
  assert.equal(answer.choices[0]?.text, 'x'.repeat(10))
  await assert.rejects(complete())
  await stopped
  assert.equal(closed, 1)
})

test('a port that is taken is said by name', async () => {
  await setup()
  const port = Number(new URL(gateway.baseUrl).port)
  await assert.rejects(
    startLocalGateway({
      buyer: createScriptedBuyer().buyer,
      defaults: { verify: 'signed', privacy: 'open', route: 'direct' },
      port,
      onError: (error) => assert.fail(error),
    }),
    { code: 'BAD_CONFIG' },
  )
})
