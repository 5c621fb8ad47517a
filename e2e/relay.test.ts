// A gateway that buys by the relay of a real coordinator, from real nodes: cables are cut where the test says.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import {
  type Buyer,
  type BuyerOptions,
  type BuyerResult,
  type BuyOptions,
  connectChannelChain,
  createBuyer,
  httpDirectory,
  systemClock,
} from '@duckmesh/gateway'
import { openSqlitePurseStore } from '@duckmesh/gateway/sqlite'
import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import { privateKeyToAccount } from 'viem/accounts'
import { bringUp, honestProviders, type TestMesh } from './support/bringUp.ts'
import { until } from './support/until.ts'

/** Some sealed events of an answer, and by far not all. */
const CUT_AFTER_BYTES = 3_000
const PROMPT = 'Once upon a time a duck that nobody may hear of'
const request: StreamRequest = {
  api: 'completion',
  prompt: PROMPT,
  maxTokens: 60,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  topLogprobs: 0,
  continueFrom: [],
}
const terms: BuyOptions = { model: { name: 'stories15m' }, mode: 'signed' }

describe('a gateway that goes by the relay', () => {
  let mesh: TestMesh
  let buyer: Buyer
  let purses = 0
  /** Calls of the buyer, and all that it sent and got on them. */
  let calls: string[] = []
  let heard = ''
  /** What becomes of a call; undefined lets it through. */
  let cable: (url: string) => Promise<Response> | 'cut in the middle' | undefined

  before(async () => {
    const env = {
      STREAM_CHUNK_MS: '1',
      STREAM_RESUME_MS: '2000',
      CLAIM_ENOUGH_DUCK: '0.000001',
      CLAIM_LEAST_DUCK: '0.000001',
    }
    // a model that takes a while, so that there is a middle to be cut in
    mesh = await bringUp({
      providers: honestProviders(1),
      model: 'stories15m',
      env,
    })
  })
  beforeEach(() => {
    calls = []
    heard = ''
    cable = () => undefined
  })
  afterEach(async (context) => {
    mesh?.note(context)
    await buyer?.close()
  })
  after(() => mesh?.end())

  const isRelay = (url: string) => url.startsWith(`${mesh.info.coordinatorUrl}/v1/relay/`)
  const isProvider = (url: string) => !url.startsWith(mesh.info.coordinatorUrl)
  const unreachable = () => Promise.reject(new TypeError('fetch failed'))

  const tapped: NonNullable<BuyerOptions['fetch']> = async (url, init) => {
    calls.push(url)
    heard += String(init.body ?? '')
    const fate = cable(url)
    if (fate !== undefined && fate !== 'cut in the middle') return fate
    const response = await fetch(url, init)
    let left = fate ? CUT_AFTER_BYTES : Number.POSITIVE_INFINITY
    const tap = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        heard += Buffer.from(bytes).toString()
        controller.enqueue(bytes.subarray(0, left))
        left -= bytes.length
        if (left <= 0) controller.error(new TypeError('terminated'))
      },
    })
    return new Response(response.body?.pipeThrough(tap), response)
  }

  async function open(options: Partial<BuyerOptions>, purse = ++purses): Promise<Buyer> {
    const { rpcUrl, coordinatorUrl, buyerPrivateKey, mesh: address } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    buyer = await createBuyer({
      chain: await connectChannelChain({ rpcUrl, mesh: address, account, clock: systemClock }),
      store: openSqlitePurseStore(join(mesh.stateDir, `purse-${purse}`), Date.now()),
      directory: httpDirectory(coordinatorUrl),
      clock: systemClock,
      fetch: tapped,
      tendEveryMs: 200,
      ...options,
    })
    await until('it streams, and its requests can be sealed', async () => {
      const [provider] = await httpDirectory(coordinatorUrl).providers()
      return provider?.isOnline && provider.offers[0]?.streaming && provider.sealKey
    })
    return buyer
  }

  async function buy(options: Partial<BuyOptions> = {}, onChunk: (count: number) => void = () => undefined) {
    const answer = buyer.stream(request, { ...terms, ...options })
    let text = ''
    for (let count = 1; ; ) {
      const step = await answer.next()
      if (step.done) return { text, result: step.value as BuyerResult }
      if (step.value.type !== 'chunk') continue
      text += step.value.chunk.text
      onChunk(count++)
    }
  }
  const codeOf = (thrown: unknown) => DuckMeshError.from(thrown).code

  test('the answer is the same as straight; no call goes to the provider, and nobody between reads a word', async () => {
    await open({})
    const straight = await buy()
    assert.ok(calls.some(isProvider), 'by default it goes straight')
    await buyer.close()
    calls = []
    heard = ''
    await open({ route: 'relay' })
    const relayed = await buy()
    assert.equal(relayed.text, straight.text)
    assert.deepEqual(relayed.result.usage, straight.result.usage)
    assert.equal(relayed.result.costWei, relayed.result.receipts[0]!.receipt.amountWei)
    assert.ok(calls.some(isRelay) && !calls.some(isProvider), calls.join())
    const folder = mesh.dataDirOf('coordinator')
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile())
    const kept = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))))
    const logs = await readFile(join(mesh.stateDir, 'logs', 'coordinator.log'))
    const seen = Buffer.concat([...kept, logs, Buffer.from(heard)])
    assert.ok(heard.includes('"sealed"'), 'what is looked for would be found')
    // the straight answer went in the open, to the provider alone
    for (const secret of [PROMPT, relayed.text.slice(0, 24), 'DuckMesh ey'])
      assert.ok(!seen.includes(secret), secret)
  })

  test('after a cut on the way it goes on by the relay, with the same stream', async () => {
    await open({ route: 'relay' })
    const whole = await buy()
    let cuts = 0
    cable = (url) =>
      isRelay(url) && url.endsWith('/streams') && cuts++ === 0 ? 'cut in the middle' : undefined
    const cut = await buy()
    assert.ok(cuts > 1, 'it came again')
    assert.equal(cut.text, whole.text)
    assert.equal(cut.result.streamIds.length, 1)
    assert.equal(cut.result.costWei, whole.result.costWei)
    assert.ok(!calls.some(isProvider))
  })

  test('auto goes by the relay where the provider is not reached, also in the middle, and remembers that', async () => {
    await open({ route: 'auto' })
    const straight = await buy()
    assert.ok(!calls.some(isRelay), 'straight where that goes')
    cable = (url) => (isProvider(url) ? unreachable() : undefined)
    const relayed = await buy()
    assert.equal(relayed.text, straight.text)
    assert.equal(relayed.result.streamIds.length, 1)
    calls = []
    assert.equal((await buy()).text, straight.text)
    assert.ok(!calls.some(isProvider), 'not asked in vain again')
    await buyer.close()
    // a cable to the provider that is cut while an answer comes
    await open({ route: 'auto' })
    let isCut = false
    cable = (url) => {
      if (!isProvider(url)) return undefined
      if (isCut) return unreachable()
      isCut = url.endsWith('/streams')
      return isCut ? 'cut in the middle' : undefined
    }
    const half = await buy()
    assert.equal(half.text, straight.text)
    assert.deepEqual([half.result.streamIds.length, calls.some(isRelay)], [1, true])
  })

  test('a relay that is down is told by its name, and auto does without it', async () => {
    await open({ route: 'relay' })
    const whole = await buy()
    await mesh.services.get('coordinator')!.kill()
    try {
      const error = await buy().catch((thrown) => thrown)
      assert.equal(codeOf(error), 'RELAY_UNAVAILABLE')
      assert.equal(error.details.skipped[0].reason, 'RELAY_AWAY')
      assert.equal((await buy({ route: 'auto' })).text, whole.text)
    } finally {
      await mesh.restart('coordinator')
    }
    assert.equal(buyer.channels()[0]!.fault, null, 'the provider is not blamed')
  })

  test('a relay that answers by itself is not taken for the provider', async () => {
    await open({ route: 'relay', settings: { giveUpAfterMs: 500, resumeTries: 1 } })
    const whole = await buy()
    const headers = { 'content-type': 'text/event-stream' }
    for (const lie of ['event: chunk\ndata: {"index":0}\n\n', 'event: sealed\ndata: {"sealed":"AAAA"}\n\n']) {
      cable = (url) => (isRelay(url) ? Promise.resolve(new Response(lie, { headers })) : undefined)
      assert.notEqual(codeOf(await buy().catch((thrown) => thrown)), 'INTERNAL')
      cable = () => undefined
      assert.equal(buyer.channels()[0]!.fault, null)
      assert.equal((await buy()).text, whole.text)
    }
  })

  test('what cannot be sealed, or could not be checked, is not sent by the relay', async () => {
    await open({ route: 'relay' })
    const code = codeOf(await buy({ mode: 'reference' }).catch((thrown) => thrown))
    assert.equal(code, 'UNSUPPORTED_MODE')
    await assert.rejects(buyer.quote(request, { ...terms, mode: 'reference' }), { code: 'UNSUPPORTED_MODE' })
    await buyer.quote(request, terms)
    await buyer.close()
    const { coordinatorUrl } = mesh.info
    const { relayUrl: _none, ...directory } = httpDirectory(coordinatorUrl)
    await open({ directory, route: 'direct' })
    assert.equal(codeOf(await buy({ route: 'relay' }).catch((thrown) => thrown)), 'RELAY_UNAVAILABLE')
  })

  test('a stream that is left behind is conceded without a call to the provider, which covers its claim', async () => {
    const purse = ++purses
    await open({ route: 'relay' }, purse)
    const answer = buyer.stream(request, terms)
    for (let step = await answer.next(); !step.done && step.value.type !== 'chunk'; )
      step = await answer.next()
    // nothing is settled, and the request goes with the process
    cable = unreachable
    await answer.return(undefined as never)
    await buyer.close()
    cable = () => undefined
    calls = []
    await open({ route: 'relay' }, purse)
    assert.equal(buyer.channels()[0]!.openStreams.length, 1)
    await until('it is settled', () => buyer.channels()[0]!.openStreams.length === 0)
    assert.ok((await buy()).text.length > 20)
    const channel = await until('more is claimed than was proved', () => {
      const [one] = buyer.channels()
      return one && one.claimedWei > one.owedWei ? one : undefined
    })
    assert.deepEqual([channel.fault, channel.overclaimedWei], [null, 0n])
    assert.ok(!calls.some(isProvider))
  })
})
