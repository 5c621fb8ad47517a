import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { resolveModel } from '../models/modelRegistry.ts'
import type { Executor } from './executor.ts'
import type { Generator } from './generator.ts'
import { createLlamaExecutor } from './llamaExecutor.ts'
import { type Answer, completion, take } from './streamRequest.fixture.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const essence = ({ text, tokens, logprobs, finishReason }: Answer) => ({
  text,
  tokens,
  logprobs,
  finishReason,
})
const prompts = [
  'Once upon a time',
  'The big dog was sad because',
  'Tom and Lily went to the park',
  'A brave mouse wanted',
  'Mia had a red ball.',
  'It was dark and',
  'The sun',
  'One day, a little duck',
]

for (const name of ['stories15m', 'stories15m-q4', 'duck1m']) {
  test(`${name}: several at once get what each would get alone, log-probabilities included`, async () => {
    const executor = await createLlamaExecutor({ model: await resolveModel(name) })
    const generator = executor.generator!
    assert.equal(generator.slots, 4)
    const requests = prompts.map((prompt, index) =>
      completion({ prompt, maxTokens: 40 + 20 * index, temperature: index % 2 === 0 ? 0 : 0.8, seed: index }),
    )
    const alone = []
    for (const request of requests) alone.push(essence(await take(generator, request)))
    const run = executor.run({ kind: 'inference', prompt: 'The sun', maxTokens: 80, temperature: 0, seed: 0 })
    const together = await Promise.all(requests.map((request) => take(generator, request)))
    assert.deepEqual(together.map(essence), alone)
    assert.deepEqual(
      (await run).result.tokens,
      (await take(generator, completion({ prompt: 'The sun', maxTokens: 80 }))).tokens,
    )
    await executor.close()
  })
}

// Of other quantisations that cannot be promised, see the README of this folder.
for (const name of ['stories15m', 'duck1m']) {
  test(`${name}: a text that goes on from an earlier one gets what a fresh engine gives`, async () => {
    const make = async () => createLlamaExecutor({ model: await resolveModel(name), slots: 2 })
    const executor = await make()
    const generator = executor.generator!
    const first = await take(generator, completion({ maxTokens: 40 }))
    const turns = [
      `Once upon a time${first.text} Then`,
      `Once upon a time${first.text} Then they went home.`,
      `Once upon a time${first.text.slice(0, 60)} But`,
      'Once upon a time',
    ]
    for (const prompt of turns) {
      for (const temperature of [0, 0.8]) {
        const request = completion({ prompt, temperature, maxTokens: 50 })
        const fresh = await make()
        const want = essence(await take(fresh.generator!, request))
        await fresh.close()
        assert.deepEqual(essence(await take(generator, request)), want)
      }
    }
    await executor.close()
  })
}

describe('llamaGenerator under load', () => {
  let executor: Executor
  let generator: Generator
  before(async () => {
    executor = await createLlamaExecutor({ model: await resolveModel('stories15m'), slots: 2, maxWaiting: 2 })
    generator = executor.generator!
  })
  after(() => executor.close())

  const idle = async () => {
    while (generator.busy > 0) await nextTurn()
  }

  test('serves in the order of arrival, refuses beyond its bound, and says when to come again', async () => {
    const order: number[] = []
    const maxTokens = [120, 60, 20, 20]
    const inside = maxTokens.map(async (limit, index) => {
      await take(generator, completion({ maxTokens: limit }), {
        onPiece: () => order.includes(index) || order.push(index),
      })
    })
    await nextTurn()
    assert.equal(generator.busy, 4)
    await assert.rejects(take(generator, completion()), (error: DuckMeshError) => {
      assert.equal(error.code, 'EXECUTOR_BUSY')
      assert.ok(Number(error.details.retryAfterMs) > 0)
      return true
    })
    await Promise.all(inside)
    assert.deepEqual(order.slice(2), [2, 3])
    assert.equal(generator.busy, 0)
  })

  test('an abort frees the slot, whether the consumer reads, waits or has gone', async () => {
    const request = completion({ maxTokens: 240 })
    const want = essence(await take(generator, completion()))
    const reading = new AbortController()
    const aborted = take(generator, request, { signal: reading.signal, onPiece: () => reading.abort() })
    await assert.rejects(aborted, codeIs('CANCELLED'))
    const gone = new AbortController()
    const steps = generator.generate(request, gone.signal)
    assert.deepEqual(await steps.next(), { done: false, value: { type: 'prompt', promptTokens: 5 } })
    assert.equal(generator.busy, 1)
    gone.abort()
    await idle()
    await assert.rejects(steps.next(), codeIs('CANCELLED'))
    await assert.rejects(take(generator, request, { signal: AbortSignal.abort() }), codeIs('CANCELLED'))
    assert.deepEqual(essence(await take(generator, completion())), want)
  })

  test('a consumer that leaves frees the slot before its next word', async () => {
    for await (const step of generator.generate(
      completion({ maxTokens: 240 }),
      new AbortController().signal,
    )) {
      if (step.type === 'piece') break
    }
    assert.equal(generator.busy, 0)
  })

  test('an abort takes waiting work out of the queue', async () => {
    const stop = new AbortController()
    const running = [1, 2].map(() => take(generator, completion({ maxTokens: 100 })))
    const waiting = take(generator, completion(), { signal: stop.signal })
    await nextTurn()
    stop.abort()
    await assert.rejects(waiting, codeIs('CANCELLED'))
    assert.equal(generator.busy, 2)
    await Promise.all(running)
  })

  test('is not far ahead of a consumer that takes its time, and gives what is ready in one piece', async () => {
    const sizes: number[] = []
    const request = completion({ maxTokens: 200 })
    for await (const step of generator.generate(request, new AbortController().signal)) {
      if (step.type === 'piece') sizes.push(step.piece.tokens.length)
      await new Promise((resolve) => setTimeout(resolve, 50))
      if (sizes.length > 3 && sizes.some((size) => size > 1)) break
    }
    assert.ok(
      sizes.every((size) => size <= 16),
      `${sizes}`,
    )
    assert.ok(
      sizes.some((size) => size > 1),
      `${sizes}`,
    )
  })

  test('close cancels what runs and waits; later work is refused', async () => {
    const other = await createLlamaExecutor({ model: await resolveModel('duck1m'), slots: 1 })
    const work = [1, 2].map(() => take(other.generator!, completion({ maxTokens: 240 })))
    const ends = Promise.allSettled(work)
    await nextTurn()
    await other.close()
    for (const end of await ends) assert.ok(end.status === 'rejected' && codeIs('CANCELLED')(end.reason))
    await assert.rejects(take(other.generator!, completion()), codeIs('CANCELLED'))
  })
})
