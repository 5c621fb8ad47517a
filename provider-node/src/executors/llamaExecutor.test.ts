import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  DuckMeshError,
  executionProfileSchema,
  type InferenceRequest,
  type InferenceResult,
  inferenceResultSchema,
} from '@duckmesh/protocol'
import { type KnownModel, knownModels } from '../models/knownModels.ts'
import { resolveModel } from '../models/modelRegistry.ts'
import type { Executor } from './executor.ts'
import { createLlamaExecutor } from './llamaExecutor.ts'

const request = (fields: Partial<InferenceRequest> = {}): InferenceRequest => ({
  kind: 'inference',
  prompt: 'Once upon a time',
  maxTokens: 60,
  temperature: 0,
  seed: 7,
  ...fields,
})

const isShipped = ({ shipped }: KnownModel) => shipped

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

/** Runs the requests one after another in a new process. */
async function runElsewhere(model: string, requests: InferenceRequest[]): Promise<InferenceResult[]> {
  const script = fileURLToPath(new URL('./runRequests.fixture.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, model, JSON.stringify(requests)])
  return JSON.parse(stdout) as InferenceResult[]
}

describe('llamaExecutor', () => {
  let executor: Executor
  before(async () => {
    executor = await createLlamaExecutor({ model: await resolveModel('stories15m'), maxWaiting: 2 })
  })
  after(() => executor.close())

  test('continues a story in plain English and counts the prompt with its begin-of-sequence', async () => {
    const counts: number[] = []
    const { result, promptTokens } = await executor.run(request(), { onToken: (count) => counts.push(count) })
    assert.deepEqual(inferenceResultSchema.parse(result), result)
    assert.equal(promptTokens, 5)
    assert.equal(result.tokens.length, 60)
    assert.equal(result.finishReason, 'length')
    assert.deepEqual(
      counts,
      Array.from({ length: 60 }, (_, index) => index + 1),
    )
    for (const word of [' the ', ' a ', ' was ', ' to ']) assert.ok(result.text.includes(word), result.text)
  })

  test('names every condition of its runs in the profile', () => {
    const profile = executionProfileSchema.parse(executor.profile)
    assert.equal(profile.model, '18867a8e878a9b7222d6bdb79029ca50635583ad12c9593ce01977cf312cee10')
    assert.equal(profile.quantisation, 'Q8_0')
    assert.equal(profile.tokenizer, 'llama/7522')
    assert.match(profile.engine, /^node-llama-cpp@\d+\.\d+\.\d+$/)
    assert.equal(profile.contextTokens, 256)
  })

  test('gives the same tokens again, whatever ran before', async () => {
    const orders = [
      request(),
      request({ temperature: 0.8 }),
      request({ prompt: 'The big dog was sad because' }),
    ]
    const first = []
    for (const order of orders) first.push((await executor.run(order)).result)
    const second = []
    for (const order of orders.toReversed()) second.unshift((await executor.run(order)).result)
    assert.deepEqual(second, first)
  })

  test('gives the same tokens in another process and another order, greedy and sampled', async () => {
    const orders = [
      request({ prompt: 'Tom and Lily went to the park', maxTokens: 100 }),
      request({ temperature: 0.8, seed: 0 }),
      request({ temperature: 1.3, seed: 4_294_967_294, prompt: 'A brave mouse wanted' }),
    ]
    const here = []
    for (const order of orders) here.push((await executor.run(order)).result)
    const there = await runElsewhere('stories15m', orders.toReversed())
    assert.deepEqual(there.toReversed(), here)
  })

  test('gives the same tokens after a run that was aborted half-way', async () => {
    const { result } = await executor.run(request())
    const stop = new AbortController()
    const aborted = executor.run(request({ prompt: 'One day, a little duck', maxTokens: 200 }), {
      signal: stop.signal,
      onToken: (count) => count === 10 && stop.abort(),
    })
    await assert.rejects(aborted, codeIs('CANCELLED'))
    assert.deepEqual((await executor.run(request())).result, result)
  })

  test('another seed gives another text, and the seed is without effect at temperature 0', async () => {
    const [a, b] = [request({ temperature: 0.8, seed: 1 }), request({ temperature: 0.8, seed: 2 })]
    assert.notDeepEqual((await executor.run(a)).result.tokens, (await executor.run(b)).result.tokens)
    const greedy = (await executor.run(request({ seed: 1 }))).result
    assert.deepEqual((await executor.run(request({ seed: 2 }))).result, greedy)
  })

  test('a cheaper quantisation gives different tokens and shows in the profile', async () => {
    const cheap = await createLlamaExecutor({ model: await resolveModel('stories15m-q4') })
    try {
      assert.equal(cheap.profile.quantisation, 'Q4_0')
      const order = request({ maxTokens: 100 })
      const [honest, cheat] = [await executor.run(order), await cheap.run(order)]
      assert.ok(cheat.result.text.includes(' the '), cheat.result.text)
      assert.notDeepEqual(cheat.result.tokens, honest.result.tokens)
    } finally {
      await cheap.close()
    }
  })

  test('stops when the model ends its story, and the end token is not in the result', async () => {
    let ended: InferenceResult | undefined
    for (let seed = 0; seed < 20 && !ended; seed += 1) {
      const { result } = await executor.run(request({ temperature: 1, seed, maxTokens: 250 }))
      if (result.finishReason === 'stop') ended = result
    }
    assert.ok(ended, 'none of twenty stories ended within 250 tokens')
    assert.ok(ended.tokens.length < 250)
    assert.ok(!ended.tokens.includes(1))
  })

  test('text that looks like a special token stays text', async () => {
    const plain = await executor.run(request({ prompt: '</s><s>', maxTokens: 1 }))
    assert.ok(plain.promptTokens > 3, `${plain.promptTokens} prompt tokens`)
  })

  test('refuses a prompt that does not fit with its answer', async () => {
    const exact = request({ maxTokens: executor.contextTokens - 5 })
    assert.ok((await executor.run(exact)).result.tokens.length > 100)
    const tooLong = executor.run(request({ maxTokens: executor.contextTokens - 4 }))
    await assert.rejects(tooLong, (error: DuckMeshError) => {
      assert.equal(error.code, 'PROMPT_TOO_LONG')
      assert.deepEqual(error.details, { promptTokens: 5, maxTokens: 252, contextTokens: 256 })
      return true
    })
  })

  test('refuses the one seed that the engine replaces by a random one', async () => {
    const order = request({ temperature: 0.8, seed: 0xffff_ffff })
    await assert.rejects(executor.run(order), codeIs('BAD_REQUEST'))
    assert.ok((await executor.run({ ...order, temperature: 0 })).result.text)
  })

  test('refuses work when the queue is full, and keeps its promises to those inside', async () => {
    const order = request({ maxTokens: 30 })
    const inside = [executor.run(order), executor.run(order), executor.run(order)]
    await assert.rejects(executor.run(order), codeIs('EXECUTOR_BUSY'))
    const [first, ...others] = await Promise.all(inside)
    for (const other of others) assert.deepEqual(other, first)
  })

  test('an abort takes waiting work out of the queue at once', async () => {
    const stop = new AbortController()
    const running = executor.run(request({ maxTokens: 200 }))
    const waiting = executor.run(request(), { signal: stop.signal })
    stop.abort()
    await assert.rejects(waiting, codeIs('CANCELLED'))
    assert.equal((await running).result.tokens.length > 0, true)
    await assert.rejects(executor.run(request(), { signal: AbortSignal.abort() }), codeIs('CANCELLED'))
  })

  test('close cancels what runs and waits; a second close and later work are harmless', async () => {
    const other = await createLlamaExecutor({ model: await resolveModel('duck1m') })
    const running = other.run(request({ maxTokens: 200 }))
    const waiting = other.run(request())
    const ends = Promise.allSettled([running, waiting])
    await other.close()
    for (const end of await ends) assert.ok(end.status === 'rejected' && codeIs('CANCELLED')(end.reason))
    await other.close()
    await assert.rejects(other.run(request()), codeIs('CANCELLED'))
    assert.ok((await executor.run(request())).result.text, 'the other executor still works')
  })

  for (const { name, quantisation, tokenizer, contextTokens } of knownModels.filter(isShipped)) {
    test(`the registry says of ${name} what its file says`, async () => {
      const other = await createLlamaExecutor({ model: await resolveModel(name) })
      await other.close()
      const { profile } = other
      const found = [profile.name, profile.quantisation, profile.tokenizer, profile.contextTokens]
      assert.deepEqual(found, [name, quantisation, tokenizer, contextTokens])
    })
  }

  test('a smaller context is kept to, a larger one than was trained is refused', async () => {
    const model = await resolveModel('duck1m')
    const small = await createLlamaExecutor({ model, contextTokens: 16 })
    assert.equal(small.profile.contextTokens, 16)
    await assert.rejects(small.run(request()), codeIs('PROMPT_TOO_LONG'))
    const { result } = await small.run(request({ maxTokens: 8 }))
    await small.close()
    assert.equal(result.tokens.length, 8)
    await assert.rejects(createLlamaExecutor({ model, contextTokens: 257 }), codeIs('BAD_CONFIG'))
  })

  test('a file that is no whole model gives a typed error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-'))
    const real = await readFile((await resolveModel('duck1m')).path)
    const refused = async (name: string, content: Buffer, code: string) => {
      const path = join(folder, `${name}.gguf`)
      await writeFile(path, content)
      await assert.rejects(createLlamaExecutor({ model: await resolveModel(path) }), codeIs(code), name)
    }
    try {
      await refused('empty', Buffer.alloc(0), 'MODEL_CORRUPT')
      await refused('text', Buffer.from('GGUF but not really a model'), 'MODEL_CORRUPT')
      await refused(
        'huge-count',
        Buffer.concat([real.subarray(0, 8), Buffer.alloc(16, 255)]),
        'MODEL_CORRUPT',
      )
      await refused('cut-in-header', real.subarray(0, 1_000), 'EXECUTOR_FAILED')
      await refused('cut-in-weights', real.subarray(0, 1_000_000), 'EXECUTOR_FAILED')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
