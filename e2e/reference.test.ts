// Answers of a real model, checked over HTTP by validators that run it too; some of them lie or do not look.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { auditDuty, dutyCommitment, type ReplayBody, verifyEvidence } from '@duckmesh/protocol'
import type { Executor } from '../provider-node/src/executors/executor.ts'
import { createLlamaExecutor } from '../provider-node/src/executors/llamaExecutor.ts'
import { resolveModel } from '../provider-node/src/models/modelRegistry.ts'
import { type Conduct, PROVIDER, startReferenceWorld } from './support/referenceWorld.ts'

/** An advertisement in the middle of the answer. */
const withWords = (chunks: ReplayBody['chunks']) =>
  chunks.map((chunk, at) => (at === 3 ? { ...chunk, text: ' Buy DUCK!' } : chunk))

describe('reference mode', () => {
  let executor: Executor
  before(async () => {
    executor = await createLlamaExecutor({ model: await resolveModel('duck1m') })
  })
  after(() => executor.close())

  async function inWorld(
    conducts: readonly Conduct[],
    options: Parameters<typeof startReferenceWorld>[2],
    run: (world: Awaited<ReturnType<typeof startReferenceWorld>>) => Promise<void>,
  ) {
    const world = await startReferenceWorld(executor, conducts, options)
    try {
      await run(world)
    } finally {
      await world.stop()
    }
  }

  test('an honest provider is checked less and less, by the secret alone, as an audit shows', () =>
    inWorld(['honest', 'honest'], {}, async ({ checker, answer, store, secret }) => {
      const results = []
      for (let count = 0; count < 20; count += 1) results.push(await checker.check(await answer()))
      assert.deepEqual(results.slice(0, 5), Array(5).fill('accepted'))
      assert.ok(results.includes('unchecked'))
      const checks = results.filter((result) => result === 'accepted').length
      const { streak, caughtAtMs } = await store.standing(PROVIDER)
      assert.deepEqual([streak, caughtAtMs], [checks, null])
      assert.deepEqual(auditDuty(dutyCommitment(secret), secret, await store.duties()), [])
    }))

  test('a provider that puts in words of its own is caught, with evidence that holds offline', () =>
    inWorld(['honest', 'honest', 'honest'], {}, async ({ checker, answer, caught, domain, keys, store }) => {
      assert.equal(await checker.check(await answer()), 'accepted')
      const bad = await answer(withWords)
      assert.equal(await checker.check(bad), 'rejected')
      const [found] = caught
      assert.equal(found?.providerId, PROVIDER)
      assert.deepEqual(await verifyEvidence(domain, found!.evidence, keys), [])
      assert.deepEqual(await store.evidence(), [found!.evidence])
      assert.equal((await store.standing(PROVIDER)).streak, 0)
    }))

  test('a validator that rejects whatever it is given harms nobody but itself', () =>
    inWorld(['simulated-liar', 'honest', 'honest'], {}, async ({ checker, answer, caught, store, asked }) => {
      for (let count = 0; count < 16; count += 1) {
        const result = await checker.check(await answer())
        assert.ok(result === 'accepted' || result === 'unchecked')
      }
      assert.deepEqual(caught, [])
      assert.equal((await store.standing(2)).misjudged, 3)
      assert.equal(asked.filter((id) => id === 2).length, 3, 'after three it is not asked again')
    }))

  test('a validator that accepts without a look falls into a trap, and is not asked again', () =>
    inWorld(
      ['simulated-lazy', 'honest'],
      { trapRate: 1, policy: { firstChecks: 99, leastRate: 1 } },
      async (world) => {
        const { checker, answer, store, asked } = world
        for (let count = 0; count < 24; count += 1)
          assert.equal(await checker.check(await answer()), 'accepted')
        assert.equal((await store.standing(2)).misjudged, 3)
        assert.equal((await store.standing(3)).misjudged, 0, 'an honest one passes every trap')
        assert.equal(asked.filter((id) => id === 2).length, 6, 'three answers, three traps')
      },
    ))

  test('validators that are gone are passed over; with nobody left the answer stays undecided', () =>
    inWorld(['simulated-dead', 'honest'], {}, async ({ checker, answer }) => {
      assert.equal(await checker.check(await answer()), 'accepted')
    }).then(() =>
      inWorld(['simulated-dead'], {}, async ({ checker, answer, store }) => {
        assert.equal(await checker.check(await answer(withWords)), 'undecided')
        assert.equal((await store.standing(PROVIDER)).checks, 0)
        assert.equal((await store.duties())[0]?.wasChecked, true)
      }),
    ))

  test('a liar and a friend of the provider cannot have a good answer rejected or a doubted one accepted', () =>
    inWorld(['simulated-liar', 'simulated-lazy', 'honest'], {}, async ({ checker, answer, caught }) => {
      for (let count = 0; count < 5; count += 1) {
        assert.notEqual(await checker.check(await answer()), 'rejected')
      }
      assert.deepEqual(caught, [])
    }))
})
