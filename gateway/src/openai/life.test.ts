import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { getDefaultHighWaterMark } from 'node:stream'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { chunk, createScriptedBuyer, type Script, threeWords } from '../../test/scriptedBuyer.ts'
import { type Surface, startSurface } from '../../test/startSurface.ts'
import type { Buyer } from '../buyer.ts'
import { defaultTimes, type Gateway } from '../gateway.ts'

let surface: Surface
afterEach(() => surface.stop())

async function setup(script: Script, more: Partial<Gateway> = {}) {
  const scripted = createScriptedBuyer(script)
  surface = await startSurface({ buyer: scripted.buyer, ...more })
  return scripted
}
const body = { model: 'scripted', prompt: 'Once', max_tokens: 4_096 }
const until = async (check: () => boolean, what: string) => {
  for (let tries = 0; !check(); tries++) {
    assert.ok(tries < 400, what)
    await sleep(25)
  }
}

/** Writes chunks until somebody ends it; says so. */
function endless(text = 'x') {
  const state = { begun: 0, ended: 0 }
  const script: Script = async function* () {
    state.begun++
    try {
      for (let index = 0; ; index++) {
        await sleep(0)
        yield chunk(index, text)
      }
    } finally {
      state.ended++
    }
  }
  return { state, script }
}

/** A till that counts, in wei. */
function countingTill() {
  const books = { heldWei: 0n, spentWei: 0n, holds: 0 }
  const till = {
    hold: async (amountWei: bigint) => {
      books.holds++
      books.heldWei += amountWei
      return {
        settle: async (costWei: bigint) => {
          books.heldWei -= amountWei
          books.spentWei += costWei
        },
      }
    },
  }
  return { books, admit: async () => ({ till }) }
}

test('a refusal before the first chunk has its status, the retry header and every reason', async () => {
  const skipped = [{ providerId: 3, reason: 'AT_CAPACITY', fix: 'Wait.' }]
  const { books, admit } = countingTill()
  const scripted = createScriptedBuyer()
  const stream: Buyer['stream'] = () => {
    throw new DuckMeshError('EXECUTOR_BUSY', 'All are busy.', { skipped, retryAfterMs: 1_200 })
  }
  surface = await startSurface({ buyer: { ...scripted.buyer, stream }, admit })
  for (const isStream of [false, true]) {
    const {
      status,
      headers,
      body: answer,
    } = await surface.json('/completions', { ...body, stream: isStream })
    assert.deepEqual([status, answer.error.type], [503, 'server_error'])
    assert.deepEqual(answer.error.duckmesh.why, skipped)
    assert.deepEqual([headers.get('retry-after'), headers.get('x-should-retry')], ['2', 'true'])
  }
  assert.deepEqual(books, { heldWei: 0n, spentWei: 0n, holds: 2 })
})

test('an error in the middle of a stream has the same form, comes without [DONE], and costs what was given', async () => {
  const { books, admit } = countingTill()
  await setup(
    async function* () {
      yield chunk(0, 'a')
      throw new DuckMeshError('STREAM_CUT', 'The provider went away.', { costWei: '110' })
    },
    { admit },
  )
  const { events, isDone } = await surface.events('/completions', body)
  assert.equal(isDone, false)
  assert.equal(events.at(-1).error.code, 'STREAM_CUT')
  assert.equal(events.at(-1).error.duckmesh.details.costWei, '110')
  assert.deepEqual(books, { heldWei: 0n, spentWei: 110n, holds: 1 })
  const { status, body: whole } = await surface.json('/completions', body)
  assert.deepEqual([status, whole.error.code], [502, 'STREAM_CUT'])
})

test('an unforeseen error tells the caller nothing but its request id', async () => {
  await setup(async function* () {
    yield chunk(0, 'a')
    throw new Error('secret detail of the store')
  })
  const { events } = await surface.events('/completions', body)
  assert.equal(events.at(-1).error.code, 'INTERNAL')
  const { status, body: answer } = await surface.json('/completions', body)
  assert.equal(status, 500)
  assert.ok(!JSON.stringify([events, answer]).includes('secret'))
  assert.deepEqual(
    surface.errors.map(({ message }) => message),
    ['secret detail of the store', 'secret detail of the store'],
  )
})

for (const stream of [true, false]) {
  test(`a client that goes away ends its answer and pays to the chunk, stream: ${stream}`, async () => {
    const { state, script } = endless()
    const { books, admit } = countingTill()
    const { pace } = await setup(script, { admit })
    const leaving = new AbortController()
    const asked = surface.post('/completions', { ...body, stream }, {}, leaving.signal)
    const gone = asked.then((response) => response.text()).catch((error) => error.name)
    await until(() => pace.given > 20, 'the answer is under way')
    leaving.abort()
    assert.equal(await gone, 'AbortError')
    await until(() => state.ended === 1 && books.heldWei === 0n, 'the answer ends and the rest comes back')
    assert.equal(books.spentWei, 100n + 10n * BigInt(pace.given))
  })
}

/** Asks on a bare socket for a stream that it does not read. */
async function askAndNotRead() {
  const { port, hostname, host } = new URL(surface.url)
  const socket = connect(Number(port), hostname).pause()
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  const text = JSON.stringify({ ...body, stream: true })
  const head = ['POST /v1/completions HTTP/1.1', `host: ${host}`, 'content-type: application/json']
  socket.write([...head, `content-length: ${text.length}`, '', text].join('\r\n'))
  return socket
}

test('500 clients at once that do not read fill no memory: a buffer and one event wait for each at most', async () => {
  const eventBytes = 60_000
  const { state, script } = endless('x'.repeat(eventBytes))
  const { pace } = await setup(script)
  const clients = await Promise.all(Array.from({ length: 500 }, askAndNotRead))
  await until(() => state.begun === 500 && pace.given > 6_000, 'all are under way')
  const waiting = surface.sockets.map((socket) => socket.writableLength)
  assert.equal(waiting.length, 500)
  assert.ok(Math.max(...waiting) > eventBytes / 2, 'some clients are behind')
  const mostBytes = getDefaultHighWaterMark(false) + 2 * eventBytes
  assert.ok(Math.max(...waiting) < mostBytes, `${Math.max(...waiting)} bytes wait for one client`)
  for (const client of clients) client.destroy()
  await until(() => state.ended === 500, 'all end when their readers go')
})

test('an answer whose client does not read stands still, and goes on when it does', async () => {
  const { pace } = await setup(endless('x'.repeat(100_000)).script)
  const client = await askAndNotRead()
  let last = -1
  await until(() => {
    const isStill = pace.given > 0 && pace.given === last
    last = pace.given
    return isStill
  }, 'the answer waits for its reader')
  client.resume()
  await until(() => pace.given > last + 20, 'it goes on')
  client.destroy()
})

test('a client that never reads is given up after a while, and pays for what was made', async () => {
  const { state, script } = endless('x'.repeat(10_000))
  const { books, admit } = countingTill()
  await setup(script, { admit, times: { ...defaultTimes, stallMs: 300 } })
  const socket = await askAndNotRead()
  await until(() => state.ended === 1, 'it is given up')
  await until(() => books.heldWei === 0n && books.spentWei > 100n, 'and paid')
  socket.destroy()
})

test('silence is filled with comments', async () => {
  await setup(
    async function* () {
      await sleep(200)
      yield chunk(0, 'a')
      return {}
    },
    { times: { ...defaultTimes, keepAliveMs: 20 } },
  )
  const text = await (await surface.post('/completions', { ...body, stream: true })).text()
  assert.ok(text.split('\n\n').filter((event) => event.startsWith(': ')).length >= 3)
})

test('a gateway that stops ends what runs, with an error that says so; one that runs too long as well', async () => {
  const { state, script } = endless()
  const { pace } = await setup(script)
  const running = surface.events('/completions', body)
  await until(() => pace.given > 5, 'under way')
  surface.stopping.abort()
  const { events, isDone } = await running
  assert.deepEqual([events.at(-1).error.code, isDone, state.ended], ['SERVICE_UNAVAILABLE', false, 1])
  await surface.stop()
  await setup(script, { times: { ...defaultTimes, requestMs: 100 } })
  const { status, body: late } = await surface.json('/completions', body)
  assert.deepEqual([status, late.error.code], [504, 'EXECUTOR_TIMEOUT'])
})

test('a till that refuses is asked before anything is bought', async () => {
  const refuse = async () => {
    throw new DuckMeshError('CREDIT_TOO_LOW', 'There is not enough.', { freeWei: '1', neededWei: '2000' })
  }
  const { asked } = await setup(endless().script, { admit: async () => ({ till: { hold: refuse } }) })
  const { status, body: answer } = await surface.json('/completions', body)
  assert.deepEqual(
    [status, answer.error.code, answer.error.type],
    [402, 'insufficient_quota', 'insufficient_quota'],
  )
  assert.equal(asked.length, 0)
})

test('what is held is twice the ceiling, or the highest price if that is less, and the buyer may spend no more', async () => {
  const holds: bigint[] = []
  const hold = async (amountWei: bigint) => {
    holds.push(amountWei)
    return { settle: async () => undefined }
  }
  const { asked } = await setup(threeWords, { admit: async () => ({ till: { hold } }) })
  await surface.json('/completions', body)
  await surface.json('/completions', body, { 'x-duckmesh-max-price': '0.0000000000000015' })
  assert.deepEqual(holds, [2_000n, 1_500n])
  assert.deepEqual(
    asked.map(({ options }) => options.maxPriceWei),
    [2_000n, 1_500n],
  )
})
