import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { chunkSchema, DuckMeshError } from '@duckmesh/protocol'
import { resolveModel } from '../models/modelRegistry.ts'
import type { Executor } from './executor.ts'
import type { Generator, Piece } from './generator.ts'
import { createLlamaExecutor } from './llamaExecutor.ts'
import { type Answer, chat, completion, take } from './streamRequest.fixture.ts'

const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code
const prompts = [
  'Once upon a time',
  'The big dog was sad because',
  'Tom and Lily went to the park',
  'A brave mouse wanted',
]

describe('llamaGenerator', () => {
  let executor: Executor
  let generator: Generator
  before(async () => {
    executor = await createLlamaExecutor({ model: await resolveModel('stories15m'), maxWaiting: 2 })
    generator = executor.generator!
  })
  after(() => executor.close())

  test('gives the text, tokens and reason of a run on the redundant lane, greedy and sampled', async () => {
    for (const prompt of prompts) {
      for (const temperature of [0, 0.8]) {
        const request = completion({ prompt, temperature, maxTokens: 100 })
        const { result, promptTokens } = await executor.run({ kind: 'inference', ...pick(request) })
        const answer = await take(generator, request)
        assert.deepEqual([answer.text, answer.tokens], [result.text, result.tokens])
        assert.deepEqual([answer.finishReason, answer.promptTokens], [result.finishReason, promptTokens])
      }
    }
  })

  test('stops when the model ends its story, without the end token', async () => {
    let ended: Answer | undefined
    for (let seed = 0; seed < 20 && !ended; seed += 1) {
      const answer = await take(generator, completion({ temperature: 1, seed, maxTokens: 250 }))
      if (answer.finishReason === 'stop') ended = answer
    }
    assert.ok(ended, 'none of twenty stories ended within 250 tokens')
    assert.ok(ended.tokens.length < 250 && !ended.tokens.includes(1))
  })

  test('scores are the same whether or not alternatives are asked for, which takes another way to them', async () => {
    for (const sampling of [{ temperature: 0 }, { temperature: 1 }, { temperature: 1, topP: 0.8 }]) {
      const plain = await take(generator, completion({ ...sampling, maxTokens: 80 }))
      const full = await take(generator, completion({ ...sampling, maxTokens: 80, topLogprobs: 1 }))
      assert.deepEqual(plain.tokens, full.tokens)
      for (const [index, logprob] of plain.logprobs.entries()) {
        assert.ok(Math.abs(logprob - full.logprobs[index]!) < 0.00015, `${logprob} ${full.logprobs[index]}`)
      }
    }
  })

  test('pieces are well-formed chunks, and no character is torn', async () => {
    const { pieces } = await take(generator, completion({ temperature: 2, topLogprobs: 3, maxTokens: 200 }))
    for (const [index, piece] of pieces.entries()) {
      chunkSchema.parse({ index, ...piece })
      assert.equal(piece.tokens.length, piece.logprobs.length)
      assert.equal(piece.topLogprobs?.length, piece.tokens.length)
    }
  })

  test('goes on from given tokens as if it had never been cut, greedy and sampled', async () => {
    for (const temperature of [0, 0.8]) {
      const request = completion({ temperature, maxTokens: 60 })
      const whole = await take(generator, request)
      for (const cut of [1, 17, 59]) {
        const given = whole.tokens.slice(0, cut)
        const fresh = await createLlamaExecutor({ model: await resolveModel('stories15m'), slots: 1 })
        const rest = await take(fresh.generator!, { ...request, continueFrom: given, maxTokens: 60 - cut })
        await fresh.close()
        assert.deepEqual([...given, ...rest.tokens], whole.tokens)
        assert.deepEqual(rest.logprobs, whole.logprobs.slice(cut))
        assert.equal(rest.promptTokens, whole.promptTokens + cut)
        assert.ok(whole.text.endsWith(rest.text))
      }
    }
  })

  test('an answer that was cut anywhere goes on with the same text, a stop text across the cut included', async () => {
    const { text } = await take(generator, completion())
    const stop = text.slice(20, 40)
    const request = completion({ stop: [stop] })
    for (let cut = 1; cut < 8; cut += 1) {
      const given: Piece[] = []
      for await (const step of generator.generate(request, new AbortController().signal)) {
        if (step.type === 'piece') given.push(step.piece)
        if (given.flatMap(({ tokens }) => tokens).length >= cut) break
      }
      const continueFrom = given.flatMap(({ tokens }) => tokens)
      const rest = await take(generator, { ...request, continueFrom })
      assert.equal(given.map((piece) => piece.text).join('') + rest.text, text.slice(0, 20))
      assert.equal(rest.finishReason, 'stop')
    }
  })

  test('ends before a stop text, whichever tokens make it, and never shows any of it', async () => {
    const { text } = await take(generator, completion())
    for (const [from, to] of [
      [10, 11],
      [12, 19],
      [25, 45],
      [0, 3],
    ]) {
      const stop = text.slice(from, to)
      const answer = await take(generator, completion({ stop: ['never in there', stop] }))
      assert.equal(answer.text, text.slice(0, text.indexOf(stop)))
      assert.equal(answer.finishReason, 'stop')
    }
  })

  test('a stop text that is not completed before the limit is text', async () => {
    const { text } = await take(generator, completion({ maxTokens: 10 }))
    const answer = await take(generator, completion({ maxTokens: 10, stop: [`${text.slice(-3)}#`] }))
    assert.deepEqual([answer.text, answer.finishReason], [text, 'length'])
  })

  test('log-probabilities are those of the model, whatever the temperature', async () => {
    const greedy = await take(generator, completion({ topLogprobs: 20, maxTokens: 40 }))
    for (const { tokens, logprobs, topLogprobs } of greedy.pieces) {
      for (const [index, top] of (topLogprobs ?? []).entries()) {
        assert.equal(top.length, 20)
        assert.equal(top[0]?.token, tokens[index], 'the greedy token is the likeliest')
        assert.equal(top[0]?.logprob, logprobs[index])
        const sum = top.reduce((total, { logprob }) => total + Math.exp(logprob), 0)
        assert.ok(sum > 0.5 && sum < 1.0001, `${sum}`)
        for (const { logprob } of top) assert.equal(logprob, Number(logprob.toFixed(4)))
      }
    }
    const warm = await take(generator, completion({ topLogprobs: 20, maxTokens: 40, temperature: 0.7 }))
    const cut = await take(
      generator,
      completion({ topLogprobs: 20, maxTokens: 40, temperature: 0.7, topP: 0.9 }),
    )
    for (const { pieces } of [warm, cut]) {
      assert.deepEqual(pieces[0]?.topLogprobs?.[0], greedy.pieces[0]?.topLogprobs?.[0])
    }
    const seen = warm.pieces.flatMap((piece) =>
      (piece.topLogprobs ?? []).map(
        (top, index) => [top, piece.tokens[index], piece.logprobs[index]] as const,
      ),
    )
    for (const [top, token, logprob] of seen) {
      const same = top.find((other) => other.token === token)
      if (same) assert.equal(same.logprob, logprob)
      else assert.ok(logprob! <= top.at(-1)!.logprob)
    }
  })

  test('log-probabilities equal those of a reading in one pass', async () => {
    const { tokens, logprobs } = await take(generator, completion({ temperature: 0.8, maxTokens: 60 }))
    const again = await take(
      generator,
      completion({ temperature: 0.8, maxTokens: 1, continueFrom: tokens.slice(0, -1) }),
    )
    assert.deepEqual([again.tokens, again.logprobs], [tokens.slice(-1), logprobs.slice(-1)])
  })

  test('a small top-p gives the greedy text; seeds repeat and differ', async () => {
    const { tokens } = await take(generator, completion())
    const narrow = await take(generator, completion({ temperature: 1, topP: 0.000_1 }))
    assert.deepEqual(narrow.tokens, tokens)
    const sampled = (seed: number) => take(generator, completion({ temperature: 0.9, topP: 0.9, seed }))
    const [one, same, other] = [await sampled(1), await sampled(1), await sampled(2)]
    assert.deepEqual(same.tokens, one.tokens)
    assert.deepEqual(same.logprobs, one.logprobs)
    assert.notDeepEqual(other.tokens, one.tokens)
  })

  test('a chat with a base model goes on with the last message', async () => {
    const request = chat('Once upon a time')
    assert.deepEqual((await take(generator, request)).tokens, (await take(generator, completion())).tokens)
    const parts = [
      { type: 'text', text: 'Once ' },
      { type: 'text', text: 'upon a time' },
    ] as const
    const two = chat('', {
      messages: [
        { role: 'system', content: 'A story.' },
        { role: 'user', content: [...parts] },
      ],
    })
    const same = completion({ prompt: 'A story.\nOnce upon a time' })
    assert.deepEqual((await take(generator, two)).tokens, (await take(generator, same)).tokens)
  })

  test('refuses what it cannot do', async () => {
    const refused = async (request: Parameters<typeof take>[1], code: string) =>
      assert.rejects(take(generator, request), codeIs(code))
    await refused({ api: 'embedding', input: ['a'] }, 'BAD_REQUEST')
    await refused(chat('a', { tools: [{ type: 'function' }] }), 'BAD_REQUEST')
    await refused(chat('a', { messages: [{ role: 'tool', content: 'a' }] }), 'BAD_REQUEST')
    await refused(completion({ continueFrom: [7_522] }), 'BAD_REQUEST')
    await refused(completion({ continueFrom: [1] }), 'BAD_REQUEST')
    await refused(completion({ maxTokens: 252 }), 'PROMPT_TOO_LONG')
    await refused(completion({ maxTokens: 200, continueFrom: Array(60).fill(300) }), 'PROMPT_TOO_LONG')
    assert.equal(generator.busy, 0)
  })

  test('text that looks like a special token stays text', async () => {
    assert.ok((await take(generator, completion({ prompt: '</s><s>', maxTokens: 1 }))).promptTokens > 3)
  })
})

const pick = ({ prompt, maxTokens, temperature, seed }: ReturnType<typeof completion>) => ({
  prompt,
  maxTokens,
  temperature,
  seed,
})
