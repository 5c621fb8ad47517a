import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { devPrivateKey } from '@duckmesh/local-chain'
import {
  hashCanonical,
  type InferenceResult,
  nodeRoutes,
  type Order,
  parseDuck,
  receiptFailures,
  routePath,
  type SignedReceipt,
  sessionHeader,
  sessionTypedData,
  stringifyWire,
  verificationModes,
} from '@duckmesh/protocol'
import { type Address, type LocalAccount, zeroHash } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Node } from '../src/createNode.ts'
import type { Stage } from '../src/ports/observe.ts'
import { orderFor, request, signOrder } from './orders.ts'
import { startWorld, type TestWorld, until } from './testWorld.ts'

type Answer = {
  status: number
  body: Record<string, unknown> & { error?: { code: string; details: Record<string, unknown> } }
}

describe('on-chain lane', () => {
  let world: TestWorld
  let node: Node
  const passed: Stage[] = []
  before(async () => {
    world = await startWorld()
    node = await world.node(0, { observe: (stage) => void passed.push(stage) })
  })
  after(() => world.stop())

  const signingKey = () => privateKeyToAccount(devPrivateKey(5)).address
  async function orderJob(fields: Partial<Order> = {}) {
    const { executor, buyer, mesh } = world
    const directed = { providerId: node.providerId, mode: verificationModes.signed, seats: 1 }
    const order = orderFor(executor, buyer, { ...directed, ...fields })
    return { order, ...(await signOrder(mesh.domain, order, buyer)) }
  }
  async function call(path: string, init: RequestInit = {}, url = node.address().url): Promise<Answer> {
    const response = await fetch(url + path, init)
    return { status: response.status, body: (await response.json()) as Answer['body'] }
  }
  const post = (body: unknown, text = stringifyWire(body)) =>
    call('/jobs', { method: 'POST', body: text, headers: { 'content-type': 'application/json' } })
  const submit = ({ order, orderSignature }: Awaited<ReturnType<typeof orderJob>>) =>
    post({ domain: world.mesh.domain, order, signature: orderSignature, request })
  async function result(
    jobId: string,
    account: LocalAccount = world.buyer,
    audience: Address = signingKey(),
    url = node.address().url,
  ) {
    const session = { account: account.address, audience, expiresAt: Math.floor(Date.now() / 1_000) + 60 }
    const signature = await account.signTypedData(sessionTypedData(world.mesh.domain, session))
    return call(
      `/jobs/${jobId}/result`,
      { headers: { authorization: sessionHeader(session, signature) } },
      url,
    )
  }

  test('a posted order is accepted, run, submitted and paid; result and receipt hold', async () => {
    const { mesh, buyer } = world
    const job = await orderJob({ disputeWindow: 2 })
    await mesh.send(buyer, 'postJob', [job.order])
    const owner = await mesh.owner(node.providerId)
    const beforeWei = await mesh.freeWei(owner)
    assert.deepEqual(await submit(job), { status: 202, body: { jobId: job.jobId } })
    assert.deepEqual(await submit(job), { status: 202, body: { jobId: job.jobId } }, 'the same order again')
    await until('submitted', () => passed.includes('submitted'))
    const { status, body } = await result(job.jobId)
    assert.equal(status, 200)
    const answer = body as unknown as { result: InferenceResult; receipt: unknown }
    assert.equal(answer.result.tokens.length, request.maxTokens)
    const { receipt, signature } = answer.receipt as SignedReceipt
    const signed = { receipt: { ...receipt, amountWei: BigInt(receipt.amountWei) }, signature }
    const evidence = {
      domain: mesh.domain,
      order: job.order,
      signingKey: signingKey(),
      result: answer.result,
    }
    assert.deepEqual(await receiptFailures(signed, evidence), [])
    await until('paid after the dispute window', async () => (await mesh.status(job.jobId)) === 'paid')
    assert.equal((await mesh.freeWei(owner)) - beforeWei, parseDuck('2.85'))
    await until('the node knows', () => passed.at(-1) === 'finalized')
    const run = ['accepted', 'run-started', 'run-done', 'promised']
    assert.deepEqual(passed, ['work-received', ...run, 'submitted', 'finalized'])
    assert.equal((await result(job.jobId)).status, 200, 'also after the end')
  })

  test('a peer gets 403, a caller without a good session 401, an unknown job 404', async () => {
    const job = await orderJob()
    await world.mesh.send(world.buyer, 'postJob', [job.order])
    assert.equal((await submit(job)).status, 202)
    const peer = await result(job.jobId, privateKeyToAccount(devPrivateKey(1)))
    assert.deepEqual([peer.status, peer.body.error?.code], [403, 'FORBIDDEN'])
    const elsewhere = await result(job.jobId, world.buyer, world.buyer.address)
    assert.deepEqual([elsewhere.status, elsewhere.body.error?.code], [401, 'UNAUTHENTICATED'])
    assert.equal((await call(`/jobs/${job.jobId}/result`)).status, 401)
    const unknown = await result(`0x${'ab'.repeat(32)}`)
    assert.deepEqual([unknown.status, unknown.body.error?.code], [404, 'JOB_NOT_FOUND'])
  })

  test('the result is not shown before its hash is on chain', async () => {
    const { buyer, mesh } = world
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>()
    const slow = await world.node(1, { observe: (stage) => (stage === 'promised' ? held : undefined) })
    const job = await orderJob({ providerId: slow.providerId })
    await world.mesh.send(world.buyer, 'postJob', [job.order])
    const submitted = await fetch(`${slow.address().url}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stringifyWire({ domain: mesh.domain, order: job.order, signature: job.orderSignature, request }),
    })
    assert.equal(submitted.status, 202)
    await until('accepted', async () => (await world.mesh.status(job.jobId)) === 'active')
    const audience = privateKeyToAccount(devPrivateKey(7)).address
    const ask = () => result(job.jobId, buyer, audience, slow.address().url)
    const early = await ask()
    assert.deepEqual([early.status, early.body.error?.code], [409, 'JOB_NOT_DONE'])
    goOn()
    await until('paid', async () => (await mesh.status(job.jobId)) === 'paid')
    assert.equal((await ask()).status, 200)
  })

  for (const [title, code, fields, isPosted] of [
    ['that is not on chain', 'JOB_NOT_FOUND', {}, false],
    ['for another provider', 'NOT_A_SEAT', { providerId: 77 }, false],
    ['of redundant mode', 'UNSUPPORTED_MODE', { mode: 1, seats: 3 }, false],
    ['with another input hash', 'INPUT_MISMATCH', { inputHash: `0x${'11'.repeat(32)}` }, true],
    ['for another profile', 'UNKNOWN_MODEL', { policy: `0x${'11'.repeat(32)}` }, true],
    ['that pays too little', 'ORDER_OUT_OF_BOUNDS', { priceWei: 1n }, true],
    ['whose window is too short', 'ORDER_OUT_OF_BOUNDS', { execWindow: 1 }, true],
    ['with a bond above the stake', 'INSUFFICIENT_FUNDS', { bondWei: parseDuck('5000') }, true],
    ['that names a strange coordinator', 'WRONG_COORDINATOR', { coordinator: `0x${'11'.repeat(20)}` }, true],
  ] as const) {
    test(`refuses an order ${title} with ${code}`, async () => {
      const job = await orderJob(fields)
      if (isPosted) await world.mesh.send(world.buyer, 'postJob', [job.order])
      assert.equal((await submit(job)).body.error?.code, code)
    })
  }

  test('refuses an order for another deployment with WRONG_CHAIN', async () => {
    const { order, orderSignature: signature } = await orderJob()
    const domain = { ...world.mesh.domain, chainId: 1 }
    assert.equal((await post({ domain, order, signature, request })).body.error?.code, 'WRONG_CHAIN')
  })

  test('refuses an order that somebody else signed', async () => {
    const job = await orderJob()
    await world.mesh.send(world.buyer, 'postJob', [job.order])
    const forged = await signOrder(world.mesh.domain, job.order, privateKeyToAccount(devPrivateKey(1)))
    assert.equal((await submit({ ...job, ...forged })).body.error?.code, 'BAD_SIGNATURE')
  })

  test('a prompt that cannot be run costs no bond: the node never accepts it', async () => {
    const { mesh, buyer, executor } = world
    const long = { ...request, prompt: 'tick tock '.repeat(300) }
    const job = await orderJob({ inputHash: hashCanonical(long) })
    await mesh.send(buyer, 'postJob', [job.order])
    assert.equal(
      (await post({ domain: mesh.domain, order: job.order, signature: job.orderSignature, request: long }))
        .status,
      202,
    )
    await until('given up', async () => (await result(job.jobId)).status === 410)
    assert.equal(await mesh.status(job.jobId), 'open')
    assert.ok(executor.contextTokens < 900)
  })

  test('a requester that cancels while the node runs ahead gets no answer', async () => {
    const { mesh, buyer } = world
    const ran = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const held = await world.node(2, {
      observe: async (stage) => {
        if (stage !== 'promised') return
        ran.resolve()
        await goOn.promise
      },
    })
    // fits, but not so surely that its bond is locked before the run
    const long = { ...request, prompt: 'Once upon a time '.repeat(14) }
    const job = await orderJob({ providerId: held.providerId, inputHash: hashCanonical(long) })
    await mesh.send(buyer, 'postJob', [job.order])
    await fetch(`${held.address().url}/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stringifyWire({
        domain: mesh.domain,
        order: job.order,
        signature: job.orderSignature,
        request: long,
      }),
    })
    await ran.promise
    assert.equal(await mesh.status(job.jobId), 'open', 'nothing is locked yet')
    await mesh.send(buyer, 'cancelJob', [job.order])
    const audience = privateKeyToAccount(devPrivateKey(9)).address
    const ask = () => result(job.jobId, buyer, audience, held.address().url)
    assert.equal((await ask()).status, 409)
    goOn.resolve()
    await until('it knows', async () => (await ask()).status === 410)
  })

  test('bad input gives typed errors: malformed, wrong schema, too large, unknown route', async () => {
    const malformed = await post(undefined, '{"order":')
    assert.deepEqual([malformed.status, malformed.body.error?.code], [400, 'BAD_REQUEST'])
    const wrong = await post({ order: { requester: 'me' }, extra: 1 })
    assert.equal(wrong.status, 400)
    assert.ok(JSON.stringify(wrong.body.error?.details).includes('order.requester'))
    const large = await post(undefined, JSON.stringify({ text: 'x'.repeat(300_000) }))
    assert.deepEqual([large.status, large.body.error?.code], [413, 'BODY_TOO_LARGE'])
    assert.deepEqual(large.body.error?.details, { limitBytes: 262_144 })
    const nowhere = await call('/nowhere')
    assert.deepEqual([nowhere.status, nowhere.body.error?.code], [404, 'NOT_FOUND'])
    const { jobId } = await orderJob()
    assert.equal((await result(jobId.slice(0, 20))).body.error?.code, 'BAD_REQUEST')
  })

  test('too many calls from one address are refused with the time to wait', async () => {
    const { ratePerMinute } = nodeRoutes.jobResult
    const path = routePath(nodeRoutes.jobResult, { jobId: zeroHash })
    const answers = await Promise.all(Array.from({ length: ratePerMinute + 20 }, () => call(path)))
    const limited = answers.filter(({ status }) => status === 429)
    assert.ok(limited.length >= 20, `${limited.length} were refused`)
    assert.equal(limited[0]?.body.error?.code, 'RATE_LIMITED')
    assert.ok(Number(limited[0]?.body.error?.details.retryAfterMs) > 0)
  })

  test('health tells who it is, what it serves and whom it reaches', async () => {
    await until('healthy', async () => (await call('/health')).body.status === 'ok')
    const { body } = await call('/health')
    assert.equal(body.providerId, node.providerId)
    assert.equal(body.signingKey, signingKey())
    const [offer] = body.offers as { streaming: { apis: string[]; slots: number } }[]
    const { profile } = world.executor
    assert.deepEqual(offer, { profile, minPriceWei: '500000000000000000', streaming: offer?.streaming })
    assert.deepEqual([offer?.streaming.apis, offer?.streaming.slots], [['chat', 'completion'], 4])
    assert.deepEqual(body.streaming, { status: 'ok', sinceMs: null, reason: null, openStreams: 0 })
    await world.coordinator.stop()
    await until('it notices', async () => (await call('/health')).body.coordinatorReachable === false)
    assert.equal((await call('/health')).body.chainReachable, true)
    await world.coordinator.start()
  })
})
