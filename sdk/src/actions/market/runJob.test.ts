import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { DuckMeshError, parseDuck, stringifyWire } from '@duckmesh/protocol'
import {
  type Fault,
  type FaultyCoordinator,
  startFaultyCoordinator,
} from '../../../test/faultyCoordinator.ts'
import { playRedundantJob } from '../../../test/playRedundantJob.ts'
import { json } from '../../../test/startHttpStub.ts'
import { startSwitch } from '../../../test/startSwitch.ts'
import { startTestMesh, type TestMesh } from '../../../test/startTestMesh.ts'
import { DuckMeshClient } from '../../clients/DuckMeshClient.ts'
import type { PreparedJob } from './prepareJob.ts'
import type { RunJobParameters } from './runJob.ts'
import { createMemoryRunStore, parseRunRecord, type RunRecord, type RunStore } from './runStore.ts'

const prompt = 'Once upon a time'
const ONE_PRICE = parseDuck('3')
/** A store whose records went through their text, as on disk. */
function textStore(): RunStore & { texts: Map<string, string>; saves: number } {
  const texts = new Map<string, string>()
  const store = {
    texts,
    saves: 0,
    load: async (runId: string) => (texts.has(runId) ? parseRunRecord(texts.get(runId)!) : undefined),
    save: async (record: RunRecord) => {
      store.saves += 1
      texts.set(record.runId, stringifyWire(record))
    },
  }
  return store
}

describe('runJob on real contracts', () => {
  let mesh: TestMesh
  let coordinator: FaultyCoordinator
  let rpc: Awaited<ReturnType<typeof startSwitch>>
  let wire: Awaited<ReturnType<typeof startSwitch>>
  let client: DuckMeshClient

  before(async () => {
    mesh = await startTestMesh(4)
    coordinator = await startFaultyCoordinator(mesh)
    rpc = await startSwitch(mesh.rpcUrl)
    wire = await startSwitch(coordinator.url)
    client = await connect()
    await client.deposit(parseDuck('1000'))
  })
  after(async () => {
    await rpc.cut()
    await wire.cut()
    await coordinator.stop()
    await mesh.stop()
  })
  afterEach(async () => {
    coordinator.faults = []
    coordinator.askedWei = mesh.providers.map(() => parseDuck('1'))
    assert.ok((await client.getConservation()).ok)
  })

  const connect = (fetch?: typeof globalThis.fetch) =>
    DuckMeshClient.connect({
      coordinatorUrl: wire.url,
      rpcUrl: rpc.url,
      account: mesh.buyer,
      timeoutMs: 5_000,
      ...(fetch ? { fetch: (url: string, init: RequestInit) => fetch(url, init) } : {}),
    })
  const run = (parameters: Partial<RunJobParameters> = {}, from = client) =>
    from.runJob({ prompt, maxTokens: 8, pauseMs: 1, timeoutMs: 60_000, ...parameters })
  /** What it cost, in DUCK wei. */
  const cost = async (act: () => Promise<unknown>) => {
    const before = (await client.getBalance()).freeWei
    await act()
    return before - (await client.getBalance()).freeWei
  }
  const failure = (running: Promise<unknown>): Promise<DuckMeshError> =>
    running.then(
      () => assert.fail('it gave an answer'),
      (thrown: DuckMeshError) => thrown,
    )

  it('default: one order, one price, a verified answer', async () => {
    const told: (string | null)[] = []
    const spent = await cost(async () => {
      const { text, attempts, why, checks } = await run({ onAttempt: ({ end }) => told.push(end) })
      assert.equal(text, ' a duck went out.')
      assert.deepEqual([attempts.length, attempts[0]!.end, why], [1, 'answered', []])
      assert.ok(checks.every(({ ok }) => ok))
    })
    assert.equal(spent, ONE_PRICE)
    assert.deepEqual(told, [null, 'answered'])
  })

  it('behavior: orders again under the same nonce when nobody took it', async () => {
    coordinator.faults = ['no-providers', 'no-providers']
    const spent = await cost(async () => {
      const { attempts } = await run()
      assert.deepEqual(
        attempts.map(({ end, code }) => `${end} ${code}`),
        ['refused NO_PROVIDERS', 'refused NO_PROVIDERS', 'answered null'],
      )
      assert.equal(new Set(attempts.map(({ job }) => job.order.nonce)).size, 1)
    })
    assert.equal(spent, ONE_PRICE)
  })

  it('behavior: pays more where only the price is in the way, just what it takes', async () => {
    coordinator.askedWei = ['1', '1', '2', '9'].map(parseDuck)
    const spent = await cost(async () => {
      const { attempts, why } = await run({ maxPriceWei: parseDuck('20') })
      assert.deepEqual(
        attempts.map(({ job }) => job.order.priceWei),
        [parseDuck('3'), parseDuck('6')],
      )
      assert.deepEqual(
        why.map(({ providerId, reason }) => `${providerId} ${reason}`),
        ['3 PRICE_TOO_LOW', '4 PRICE_TOO_LOW'],
      )
    })
    assert.equal(spent, parseDuck('6'))
  })

  it('error: NO_PROVIDERS at the cap, with reasons; no order above it was ever signed, and nothing was paid', async () => {
    coordinator.askedWei = ['1', '1', '2', '9'].map(parseDuck)
    const from = coordinator.orders.length
    const capWei = parseDuck('6') - 1n
    const spent = await cost(async () => {
      const { code, details } = await failure(run({ maxPriceWei: capWei, maxAttempts: 3 }))
      assert.equal(code, 'NO_PROVIDERS')
      assert.equal((details.attempts as unknown[]).length, 3)
      assert.deepEqual(
        (details.why as { reason: string }[]).map(({ reason }) => reason),
        ['PRICE_TOO_LOW', 'PRICE_TOO_LOW'],
      )
      assert.equal(typeof details.runId, 'string')
    })
    assert.equal(spent, 0n)
    assert.ok(coordinator.orders.slice(from).every(({ priceWei }) => priceWei <= capWei))
  })

  it('behavior: a coordinator that dies between sending and answering is asked again, not paid again', async () => {
    for (const fault of ['dies-before', 'dies-after'] as const) {
      coordinator.faults = [fault]
      const from = coordinator.orders.length
      const spent = await cost(async () => {
        const { attempts } = await run()
        assert.equal(attempts.length, 1)
      })
      assert.equal(spent, ONE_PRICE, fault)
      const sent = coordinator.orders.slice(from)
      assert.ok(sent.length > 1 && new Set(sent.map(({ acceptBy }) => acceptBy)).size === 1, 'the same order')
    }
  })

  it('behavior: no majority: ordered again under another nonce, but only after the refund', async () => {
    coordinator.faults = ['no-majority']
    const spent = await cost(async () => {
      const { attempts } = await run()
      assert.deepEqual(
        attempts.map(({ end, generation }) => `${end} ${generation}`),
        ['failed 0', 'answered 1'],
      )
    })
    assert.equal(spent, ONE_PRICE)
  })

  it('behavior: a coordinator that refuses an order and serves it, now or later, is paid for one order', async () => {
    coordinator.faults = ['lies']
    const spent = await cost(async () => {
      const { attempts, jobId } = await run()
      assert.deepEqual([attempts.length, attempts[0]!.job.jobId, attempts[0]!.end], [1, jobId, 'answered'])
    })
    assert.equal(spent, ONE_PRICE)

    coordinator.askedWei = ['2', '2', '2', '2'].map(parseDuck)
    const later = await cost(async () => {
      const { attempts } = await run({ maxPriceWei: parseDuck('6') })
      const [{ jobId: refusedId, ...kept }, answered] = attempts.map(({ job }) => job) as [
        PreparedJob,
        PreparedJob,
      ]
      assert.notEqual(refusedId, answered.jobId)
      await assert.rejects(playRedundantJob(mesh, kept), /NonceUsed/)
    })
    assert.equal(later, parseDuck('6'))
  })

  it('behavior: the same run again gives the same answer and costs nothing', async () => {
    const store = textStore()
    const first = await run({ runId: 'again', store })
    const spent = await cost(async () => {
      assert.equal((await run({ runId: 'again', store })).jobId, first.jobId)
    })
    assert.equal(spent, 0n)
    const other = await failure(run({ runId: 'again', store, prompt: 'Something else' }))
    assert.equal(other.code, 'BAD_REQUEST')
  })

  it('error: a run whose memory was lost is NONCE_USED and not paid again', async () => {
    await run({ runId: 'forgetful' })
    const spent = await cost(async () => {
      // ordered in another second it is another order
      const again = run({ runId: 'forgetful', acceptWithinSeconds: 130 })
      assert.equal((await failure(again)).code, 'NONCE_USED')
    })
    assert.equal(spent, 0n)
  })

  it('error: a coordinator and a chain that stay away are told apart, and the run goes on later', async () => {
    for (const [away, code] of [
      [wire, 'SERVICE_UNAVAILABLE'],
      [rpc, 'CHAIN_UNAVAILABLE'],
    ] as const) {
      const store = textStore()
      const runId = `away-${code}`
      const spent = await cost(async () => {
        await away.cut()
        const error = await failure(run({ runId, store, timeoutMs: 3_000 }))
        await away.mend()
        assert.deepEqual([error.code, error.details.runId], [code, runId])
        await run({ runId, store })
      })
      assert.equal(spent, ONE_PRICE, code)
    }
  })

  it('behavior: waits for a chain and a coordinator that come back', async () => {
    const spent = await cost(async () => {
      await Promise.all([rpc.cut(), wire.cut()])
      const running = run()
      await new Promise((resolve) => setTimeout(resolve, 500))
      await Promise.all([rpc.mend(), wire.mend()])
      await running
    })
    assert.equal(spent, ONE_PRICE)
  })

  it('behavior: a crash after any step goes on and is paid once', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const store = textStore()
      const runId = `crash-${crashAt}`
      const crash = new AbortController()
      let steps = 0
      const step = () => {
        steps += 1
        if (steps === crashAt) crash.abort()
      }
      const crashing = await connect(async (url, init) => {
        const response = await fetch(url, init)
        step()
        return response
      })
      let hasCrashed = false
      const spent = await cost(async () => {
        const save = async (record: RunRecord) => {
          await store.save(record)
          step()
          if (crash.signal.aborted) throw new DuckMeshError('CANCELLED', 'crashed')
        }
        const first = run({ runId, store: { ...store, save }, signal: crash.signal }, crashing)
        hasCrashed = await first.then(
          () => false,
          () => true,
        )
        await run({ runId, store })
      })
      assert.equal(spent, ONE_PRICE, `crash at step ${crashAt}`)
      if (!hasCrashed) break
      assert.ok(crashAt < 40)
    }
  })

  it('property: whatever fails in whatever order, with whatever crash in between, one price is paid', async () => {
    const kinds: Fault[] = ['no-providers', 'dies-before', 'dies-after', 'lies', 'no-majority', 'none']
    const random = seededRandom(20_261_120)
    for (let round = 0; round < 8; round++) {
      const store = textStore()
      const runId = `property-${round}`
      const more = Array.from({ length: random(4) }, () => kinds[random(kinds.length)]!)
      const faults = [kinds[round % kinds.length]!, ...more]
      coordinator.faults = [...faults]
      const spent = await cost(async () => {
        for (let life = 0; life < 12; life++) {
          const crash = new AbortController()
          const savesLeft = store.saves + 1 + random(4)
          const save = async (record: RunRecord) => {
            await store.save(record)
            if (life < 8 && store.saves === savesLeft) crash.abort()
          }
          const parameters = { runId, store: { ...store, save }, signal: crash.signal, maxAttempts: 9 }
          const ended = await run(parameters).then(
            () => true,
            (thrown: DuckMeshError) => {
              assert.equal(thrown.code, 'CANCELLED', faults.join())
              return false
            },
          )
          if (ended) return
        }
        assert.fail(`no answer: ${faults.join()}`)
      })
      assert.equal(spent, ONE_PRICE, faults.join())
    }
  })

  it('error: what another order would not mend is told at once', async () => {
    const serve = coordinator.handlers['POST /v1/jobs']!
    const details = { freeWei: '1', neededWei: '2' }
    coordinator.handlers['POST /v1/jobs'] = json(
      { error: { code: 'INSUFFICIENT_FUNDS', message: 'too little', details } },
      402,
    )
    const poor = await failure(run())
    coordinator.handlers['POST /v1/jobs'] = serve
    assert.deepEqual([poor.code, poor.details.freeWei], ['INSUFFICIENT_FUNDS', '1'])
    assert.equal((poor.details.attempts as unknown[]).length, 1)
    const bad = await failure(run({ maxTokens: 100_000 }))
    assert.deepEqual([bad.code, bad.details.attempts], ['BAD_REQUEST', []])
  })
})

/** Numbers below a bound that are the same in every run. Source: mulberry32. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

describe('createMemoryRunStore', () => {
  it('default: gives back what was saved, not the same object', async () => {
    const store = createMemoryRunStore()
    const record: RunRecord = { runId: 'x', attempts: [] }
    await store.save(record)
    record.runId = 'y'
    assert.deepEqual(await store.load('x'), { runId: 'x', attempts: [] })
    assert.equal(await store.load('y'), undefined)
  })

  it('error: a text that is no record is refused', () => {
    for (const text of ['', '{}', '{"runId":"x"}', '{"runId":"x","attempts":[{}]}', 'null']) {
      assert.throws(() => parseRunRecord(text), { code: 'BAD_CONFIG' }, text)
    }
  })
})
