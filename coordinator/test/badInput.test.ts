import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { devAccount } from '@duckmesh/local-chain'
import {
  duckMeshAbi,
  type ErrorCode,
  limits,
  type Order,
  orderTypedData,
  parseDuck,
  stringifyWire,
} from '@duckmesh/protocol'
import { type Hex, zeroAddress } from 'viem'
import { type Bench, errorCodeOf, profile, request, setUpBench, until } from './bench.ts'
import { ScriptedSeat } from './scriptedSeat.ts'

let bench: Bench

before(async () => {
  bench = await setUpBench()
  await Promise.all(bench.scripted().map((seat) => seat.announce(profile)))
})
after(() => bench.tearDown())

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${bench.coordinator.url}${path}`, { method: 'POST', body, headers })

test('idle connections stay open for longer than load balancers keep them', async () => {
  const { headers } = await fetch(`${bench.coordinator.url}/health`)
  assert.equal(headers.get('keep-alive'), 'timeout=65')
})

/** Runs a refusal and asserts that no job and no balance came of it. */
async function refused(code: ErrorCode, act: () => Promise<Response>, statusCode: number): Promise<Response> {
  const { store } = bench.coordinator.container
  const standing = async () => {
    const counts: Record<string, number> = await store.countByState()
    const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0)
    return { jobs, freeWei: await bench.freeWei(bench.buyer.address) }
  }
  const before = await standing()
  const response = await act()
  assert.equal(await errorCodeOf(response.clone()), code)
  assert.equal(response.status, statusCode)
  assert.deepEqual(await standing(), before)
  return response
}

const soon = () => Math.floor(Date.now() / 1_000)

const badOrders: [string, ErrorCode, number, () => Partial<Order>][] = [
  ['an expired order', 'ORDER_EXPIRED', 400, () => ({ acceptBy: soon() - 1 })],
  ['an order that lives too long', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ acceptBy: soon() + 3_600 })],
  ['an even number of seats', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ seats: 4 })],
  ['more seats than allowed', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ seats: 17 })],
  ['a price of nothing', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ priceWei: 0n })],
  ['a window too short to answer in', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ execWindow: 0 })],
  ['a directed order in the drawn lane', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ providerId: 1 })],
  ['a kind that is not served', 'ORDER_OUT_OF_BOUNDS', 400, () => ({ kind: 1 })],
  ['a mode that is not served', 'UNSUPPORTED_MODE', 400, () => ({ mode: 4 })],
  ['another coordinator', 'WRONG_COORDINATOR', 400, () => ({ coordinator: zeroAddress })],
  ['another input hash', 'INPUT_MISMATCH', 400, () => ({ inputHash: `0x${'11'.repeat(32)}` as Hex })],
  ['an unknown model', 'UNKNOWN_MODEL', 404, () => ({ modelId: `0x${'22'.repeat(32)}` as Hex })],
  ['an unknown policy', 'UNKNOWN_MODEL', 404, () => ({ policy: `0x${'22'.repeat(32)}` as Hex })],
  ['more money than is there', 'INSUFFICIENT_FUNDS', 402, () => ({ priceWei: parseDuck('5001') })],
  ['more seats than providers', 'NO_PROVIDERS', 503, () => ({ seats: 7 })],
  ['a bond that nobody can cover', 'NO_PROVIDERS', 503, () => ({ bondWei: parseDuck('2001') })],
]
for (const [name, code, statusCode, changes] of badOrders) {
  test(`${name} is refused as ${code}`, async () => {
    await refused(code, () => bench.submit(bench.makeOrder(changes())), statusCode)
  })
}

test('a skipped provider comes with a reason and what to change', async () => {
  const response = await refused(
    'NO_PROVIDERS',
    () => bench.submit(bench.makeOrder({ bondWei: parseDuck('2001') })),
    503,
  )
  const { error } = (await response.json()) as {
    error: { details: { skipped: { reason: string; fix: string }[] } }
  }
  assert.equal(error.details.skipped.length, 5)
  assert.ok(
    error.details.skipped.every((entry) => entry.reason === 'STAKE_TOO_LOW' && entry.fix.includes('bond')),
  )
})

test('an order for another chain or contract is refused as WRONG_CHAIN', async () => {
  const order = bench.makeOrder()
  await refused('WRONG_CHAIN', () => bench.submit(order, { domain: { ...bench.domain, chainId: 1 } }), 400)
  await refused(
    'WRONG_CHAIN',
    () => bench.submit(order, { domain: { ...bench.domain, verifyingContract: zeroAddress } }),
    400,
  )
})

test('a signature of somebody else, for something else or of nothing is refused as BAD_SIGNATURE', async () => {
  const order = bench.makeOrder()
  const byOther = await devAccount(9).signTypedData(orderTypedData(bench.domain, order))
  await refused('BAD_SIGNATURE', () => bench.submit(order, { signature: byOther }), 400)
  const forOther = await bench.buyer.signTypedData(orderTypedData(bench.domain, { ...order, priceWei: 1n }))
  await refused('BAD_SIGNATURE', () => bench.submit(order, { signature: forOther }), 400)
  const otherChain = await bench.buyer.signTypedData(orderTypedData({ ...bench.domain, chainId: 1 }, order))
  await refused('BAD_SIGNATURE', () => bench.submit(order, { signature: otherChain }), 400)
  await refused('BAD_SIGNATURE', () => bench.submit(order, { signature: `0x${'00'.repeat(65)}` }), 400)
})

test('a nonce in flight, and one invalidated on chain, are refused as NONCE_USED', async () => {
  const first = bench.makeOrder()
  assert.equal((await bench.submit(first)).status, 201)
  await refused(
    'NONCE_USED',
    () => bench.submit(bench.makeOrder({ nonce: first.nonce, priceWei: parseDuck('4') })),
    409,
  )
  await bench.write(bench.buyer, bench.deployment.mesh, duckMeshAbi, 'invalidateNonces', [1n, 1n])
  await refused('NONCE_USED', () => bench.submit(bench.makeOrder({ nonce: 256n })), 409)
})

test('the same order again is not a second job', async () => {
  const order = bench.makeOrder()
  const [first, second] = [await bench.submit(order), await bench.submit(order)]
  assert.equal(first.status, 201)
  assert.equal(second.status, 200)
  assert.deepEqual(await second.json(), { jobId: bench.idOf(order), isNew: false })
})

const malformed: [string, () => string][] = [
  ['no JSON', () => '{"order":'],
  ['an empty body', () => ''],
  ['an array', () => '[]'],
  ['a missing field', () => stringifyWire({ order: bench.makeOrder(), request })],
  ['a number where a decimal string belongs', () => body({ order: { ...bench.makeOrder(), priceWei: 5 } })],
  ['an amount beyond uint96', () => body({ order: { ...bench.makeOrder(), priceWei: 2n ** 96n } })],
  ['a negative amount', () => body({ order: { ...bench.makeOrder(), priceWei: -1n } })],
  ['a field that does not exist', () => body({ order: { ...bench.makeOrder(), tip: 1 } })],
  ['a prototype key', () => body({}).replace('{', '{"__proto__":{"isAdmin":true},')],
  ['a short hash', () => body({ order: { ...bench.makeOrder(), modelId: '0x12' } })],
  ['an empty prompt', () => body({ request: { ...request, prompt: '' } })],
  [
    'a prompt beyond the limit',
    () => body({ request: { ...request, prompt: 'é'.repeat(limits.maxPromptBytes / 2 + 1) } }),
  ],
  ['a temperature that is not a number', () => body({ request: { ...request, temperature: '0' } })],
]
const body = (changes: Record<string, unknown>) =>
  stringifyWire({
    domain: bench.domain,
    order: bench.makeOrder(),
    signature: `0x${'00'.repeat(65)}`,
    request,
    ...changes,
  })
for (const [name, make] of malformed) {
  test(`a body with ${name} is refused as BAD_REQUEST`, async () => {
    await refused('BAD_REQUEST', () => post('/v1/jobs', make()), 400)
  })
}

test('a body beyond the limit of its route is refused as BODY_TOO_LARGE', async () => {
  await refused(
    'BODY_TOO_LARGE',
    () => post('/v1/jobs', body({ padding: 'x'.repeat(limits.maxBodyBytes) })),
    413,
  )
})

test('unknown paths, ids and jobs are told apart', async () => {
  const get = (path: string) => fetch(`${bench.coordinator.url}${path}`)
  await refused('NOT_FOUND', () => get('/v1/nothing'), 404)
  await refused('BAD_REQUEST', () => get('/v1/jobs/0x12'), 400)
  await refused('JOB_NOT_FOUND', () => get(`/v1/jobs/0x${'12'.repeat(32)}`), 404)
  await refused('JOB_NOT_FOUND', () => get(`/v1/jobs/0x${'12'.repeat(32)}/events`), 404)
})

test('the result is for the requester, with a session, and only when the job is done', async () => {
  const order = bench.makeOrder()
  await bench.submit(order)
  const path = `/v1/jobs/${bench.idOf(order)}/result`
  await refused('UNAUTHENTICATED', () => fetch(`${bench.coordinator.url}${path}`), 401)
  const headers = { authorization: `DuckMesh ${'a'.repeat(40)}` }
  await refused('UNAUTHENTICATED', () => fetch(`${bench.coordinator.url}${path}`, { headers }), 401)
  const [seat] = bench.scripted()
  const route = {
    method: 'GET',
    path,
    auth: 'session',
    bodyLimitBytes: 0,
    ratePerMinute: 1,
    summary: '',
  } as const
  await assert.rejects(seat!.call(route, path), { code: 'FORBIDDEN' })
})

test('a node that is not registered, or speaks for another, is refused', async () => {
  const { domain, coordinator } = bench
  const audience = coordinator.container.signer.address
  const stranger = new ScriptedSeat({
    url: coordinator.url,
    domain,
    audience,
    key: devAccount(9),
    providerId: 1,
  })
  await assert.rejects(stranger.announce(profile), { code: 'NOT_REGISTERED' })
  const first = devAccount(40)
  const impostor = new ScriptedSeat({ url: coordinator.url, domain, audience, key: first, providerId: 2 })
  await assert.rejects(impostor.announce(profile), { code: 'FORBIDDEN' })
  const elsewhere = new ScriptedSeat({
    url: coordinator.url,
    domain,
    audience: zeroAddress,
    key: first,
    providerId: 1,
  })
  await assert.rejects(elsewhere.announce(profile), { code: 'UNAUTHENTICATED' })
})

test('too many calls are refused as RATE_LIMITED with the time to wait', async () => {
  const calls = Array.from({ length: 640 }, () => fetch(`${bench.coordinator.url}/v1/models`))
  const answers = await Promise.all(calls)
  const limited = answers.filter((answer) => answer.status === 429)
  assert.ok(limited.length >= 30, `${limited.length} were limited`)
  assert.equal(await errorCodeOf(limited[0]!.clone()), 'RATE_LIMITED')
  assert.ok(Number(limited[0]!.headers.get('retry-after')) > 0)
})

test('a chain that goes away: health stays, ready says so, orders are refused and nothing is lost', async () => {
  const get = (path: string) => fetch(`${bench.coordinator.url}${path}`)
  assert.equal((await get('/ready')).status, 200)
  process.kill(bench.chain.pid, 'SIGSTOP')
  try {
    // a signal takes its time: the chain may answer once more before it stands still
    const ready = await until(async () => {
      const response = await get('/ready')
      return response.status === 503 && response
    }, 'not ready')
    assert.equal((await get('/health')).status, 200)
    assert.equal(await errorCodeOf(ready), 'CHAIN_UNAVAILABLE')
    const response = await bench.submit(bench.makeOrder())
    assert.equal(await errorCodeOf(response), 'CHAIN_UNAVAILABLE')
  } finally {
    process.kill(bench.chain.pid, 'SIGCONT')
  }
  assert.equal((await get('/ready')).status, 200)
  await Promise.all(bench.scripted().map((seat) => seat.announce(profile)))
  assert.equal((await bench.submit(bench.makeOrder())).status, 201)
})
