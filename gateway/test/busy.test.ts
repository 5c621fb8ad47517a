import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { DuckMeshError } from '@duckmesh/protocol'
import type { Buyer } from '../src/buyer.ts'
import { answerOf } from './testEngine.ts'
import type { TestProvider } from './testProvider.ts'
import { ask, bought, duck, smallMoney, startWorld, type TestWorld } from './testWorld.ts'

/** More trust than a stranger gets, so that the streams of a test run side by side. */
const trusting = { strangerCapWei: 5_000_000n, depositWei: 5_000_000n }

describe('busy is not broken', () => {
  let world: TestWorld
  let lone: TestProvider
  before(async () => {
    world = await startWorld(1)
    ;[lone] = world.providers as [TestProvider]
  })
  afterEach(() => {
    lone.faults = {}
    lone.offer = {}
  })
  after(() => world.stop())

  const many = async (buyer: Buyer, count: number, name: string) => {
    const requests = Array.from({ length: count }, (_, index) => ask(`${name} ${index}`, 6))
    const answers = await Promise.all(requests.map((request) => bought(buyer, request)))
    for (const [index, { text, result }] of answers.entries()) {
      assert.equal(text, answerOf(requests[index]!))
      assert.deepEqual(result.providers, [lone.providerId])
    }
    return answers
  }
  /** A provider with a mark would be passed over, or be among the reasons. */
  const isUnmarked = async (buyer: Buyer) => {
    const { result } = await bought(buyer, ask('afterwards', 2))
    assert.deepEqual(result.why, [])
  }

  for (const count of [32, 64]) {
    it(`behavior: ${count} at once on a fresh channel all finish, with one provider that refuses and breaks off full ones`, async () => {
      const buyer = await world.buyer({ policy: trusting, settings: { giveUpAfterMs: 60_000 } })
      lone.faults = { busyTimes: count, endsBusyTimes: count, tooManyTimes: 5 }
      await many(buyer, count, `full ${count}`)
      await isUnmarked(buyer)
      assert.equal(buyer.channels().length, 1)
    })
  }

  it('behavior: what is promised to others in the meantime is waited for; alone it is a refusal', async () => {
    const buyer = await world.buyer({ policy: trusting })
    lone.faults = { crowdedTimes: 8, chunkMs: 5 }
    await many(buyer, 16, 'crowded')
    await isUnmarked(buyer)
    const alone = await world.buyer({ policy: trusting, settings: { giveUpAfterMs: 500 } })
    lone.faults = { wantsMore: true }
    await assert.rejects(bought(alone, ask('alone', 2)), { code: 'NO_PROVIDERS' })
  })

  it('behavior: more promises than trust or money at once wait for those that run', async () => {
    // each stream costs at most about 11,000 wei and in fact 8,000; strangers get 20,000, and there are 40,000 in all
    const poor = { ...smallMoney, budgetWei: 40_000n, depositWei: 40_000n, topUpBelowWei: 0n }
    const buyer = await world.buyer({ policy: poor, settings: { giveUpAfterMs: 60_000 } })
    const answers = await many(buyer, 4, 'poor')
    assert.ok(answers.every(({ result }) => result.finishReason === 'length'))
    const trusted = await world.buyer({
      policy: { ...poor, strangerCapWei: 5_000_000n },
      settings: { giveUpAfterMs: 60_000 },
    })
    await many(trusted, 4, 'poor and trusting')
  })

  it('behavior: one that stays full is told to the client as full, with the time to come again', async () => {
    const buyer = await world.buyer({ settings: { giveUpAfterMs: 500 } })
    lone.faults = { busyTimes: 1_000_000 }
    await assert.rejects(bought(buyer, ask('full for ever', 2)), (error: DuckMeshError) => {
      assert.equal(error.code, 'EXECUTOR_BUSY')
      assert.equal(error.status, 503)
      assert.ok(Number(error.details.retryAfterMs) > 0)
      return true
    })
    const { providerId } = await buyer.quote(ask('what would it cost', 2), duck)
    assert.equal(providerId, lone.providerId, 'a price does not depend on when there is room')
    lone.faults = {}
    await new Promise((resolve) => setTimeout(resolve, 100))
    await isUnmarked(buyer)
  })

  it('behavior: what breaks is remembered, and what breaks many streams at once counts once', async () => {
    const buyer = await world.buyer({
      policy: trusting,
      settings: { resumeTries: 0, attempts: 1, giveUpAfterMs: 200 },
    })
    const broken = async (count: number) => {
      const ends = await Promise.allSettled(
        Array.from({ length: count }, (_, index) => bought(buyer, ask(`broken ${index}`, 6))),
      )
      assert.ok(ends.every(({ status }) => status === 'rejected'))
    }
    lone.faults = { cutAfterEvents: 2 }
    await broken(16)
    lone.faults = {}
    const { result } = await bought(buyer, ask('after one bad moment', 2))
    assert.deepEqual(result.providers, [lone.providerId])
    lone.faults = { cutAfterEvents: 2 }
    for (let moment = 0; moment < 5; moment++) {
      await new Promise((resolve) => setTimeout(resolve, 1_010))
      await broken(2)
    }
    lone.faults = {}
    await assert.rejects(bought(buyer, ask('after many', 2)), { code: 'NO_PROVIDERS' })
  })

  it('behavior: a buyer that is closed twice, also while streams run, ends once and in peace', async () => {
    const buyer = await world.buyer({ policy: trusting })
    lone.faults = { chunkMs: 20 }
    const running = Array.from({ length: 8 }, (_, index) => buyer.stream(ask(`close ${index}`, 100), duck))
    await Promise.all(running.map((answer) => answer.next()))
    const both = [buyer.close(), buyer.close()]
    const ends = await Promise.allSettled(running.map((answer) => drain(answer)))
    await Promise.all(both)
    await buyer.close()
    for (const end of ends) {
      const how = end.status === 'fulfilled' ? end.value : (end.reason as DuckMeshError).code
      assert.ok(how === 'cut' || how === 'CANCELLED', String(how))
    }
  })
})

async function drain(answer: ReturnType<Buyer['stream']>): Promise<string> {
  for (;;) {
    const step = await answer.next()
    if (step.done) return step.value.finishReason
  }
}
