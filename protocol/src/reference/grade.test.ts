import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReplayFacts } from './facts.ts'
import { figuresOf } from './figures.ts'
import { gradeOf } from './grade.ts'
import type { ReplayBody } from './replay.ts'
import { calibrations, type ReplayThresholds, thresholdsFor } from './thresholds.ts'

const measured: ReplayThresholds = {
  accept: { largestDistanceNats: 0.3, meanDistanceNats: 0.01, meanDeltaNats: 0.05 },
  reject: { largestDistanceNats: 0.5, meanDistanceNats: 0.02, meanDeltaNats: 0.1 },
}

/** An answer of 20 tokens that a validator agrees with, and what it found; fields change either. */
function setup({ body = {}, facts = {} }: { body?: Partial<ReplayBody>; facts?: Partial<ReplayFacts> } = {}) {
  const chunks = Array.from({ length: 20 }, (_, index) => ({
    index,
    text: 'a',
    tokens: [index],
    logprobs: [-1],
  }))
  const answer = {
    request: { maxTokens: 20, temperature: 0 },
    chunks,
    promptTokens: 5,
    finishReason: 'length',
    ...body,
  } as unknown as ReplayBody
  const found: ReplayFacts = {
    kernelClass: 'avx2',
    promptTokens: 5,
    vocabulary: 100,
    tokens: Array.from({ length: 20 }, () => ({ logprob: -1, distanceNats: 0 })),
    text: 'a'.repeat(20),
    endToken: null,
    endDistanceNats: null,
    ...facts,
  }
  const figures = figuresOf(answer, found)
  return { figures, ...gradeOf(figures, measured) }
}

/** Facts of which one token differs. */
const tokensWith = (logprob: number, distanceNats: number | null) =>
  Array.from({ length: 20 }, (_, index) =>
    index === 7 ? { logprob, distanceNats } : { logprob: -1, distanceNats: 0 },
  )

describe('gradeOf', () => {
  test('accepts an answer that the validator would have given', () => {
    const { grade, why, figures } = setup()
    assert.deepEqual([grade, why], ['accept', []])
    assert.deepEqual([figures.tokens, figures.notDrawnShare, figures.meanDeltaNats], [20, 0, 0])
  })

  test('one token too far is doubted first, then rejected', () => {
    assert.equal(setup({ facts: { tokens: tokensWith(-1, 0.15) } }).grade, 'accept')
    assert.deepEqual(setup({ facts: { tokens: tokensWith(-1, 0.4) } }).why, [
      'largestDistanceNats',
      'meanDistanceNats',
    ])
    assert.equal(setup({ facts: { tokens: tokensWith(-1, 0.4) } }).grade, 'recheck')
    assert.equal(setup({ facts: { tokens: tokensWith(-1, 0.6) } }).grade, 'reject')
  })

  test('log-probabilities that are not those of the model are rejected, though every token fits', () => {
    const { grade, why, figures } = setup({
      facts: { tokens: Array(20).fill({ logprob: -1.2, distanceNats: 0 }) },
    })
    assert.deepEqual([grade, why], ['reject', ['meanDeltaNats']])
    assert.deepEqual([figures.meanDeltaNats, figures.largestDeltaNats], [0.2, 0.2])
  })

  test('a mean over few tokens counts for less: one token needs thirty-two times the distance', () => {
    const chunks = [{ index: 0, text: 'a', tokens: [1], logprobs: [-1] }]
    const one = (logprob: number) => {
      const facts = { tokens: [{ logprob, distanceNats: 0 }], text: 'a' }
      return setup({ body: { request: { maxTokens: 1 } as never, chunks }, facts }).grade
    }
    assert.deepEqual([one(-1.2), one(-3), one(-5)], ['accept', 'recheck', 'reject'])
  })

  test('tokens that were left out count like those that were looked at', () => {
    const tokens = tokensWith(-1, 0.02)
    const some = tokens.map((token, index) => (index > 12 ? { ...token, distanceNats: null } : token))
    const { figures } = setup({ facts: { tokens: some } })
    assert.equal(figures.notDrawnShare, 0.4)
    assert.equal(figures.meanDistanceNats, 0.008)
  })

  test('an end that was not due is judged like a token; an answer that did not end by itself has none', () => {
    const early = { endDistanceNats: 5 }
    assert.deepEqual(setup({ body: { finishReason: 'stop' }, facts: early }).why, ['endDistanceNats'])
    assert.equal(setup({ body: { finishReason: 'stop' }, facts: { endDistanceNats: 0 } }).grade, 'accept')
    assert.equal(setup({ body: { finishReason: 'cut' }, facts: early }).grade, 'accept')
  })

  for (const [fault, changes] of [
    ['text', { facts: { text: 'something else' } }],
    ['prompt-tokens', { body: { promptTokens: 6 } }],
    ['end-token', { facts: { endToken: 3 } }],
    ['unknown-token', { facts: { vocabulary: 10 } }],
    ['length', { body: { request: { maxTokens: 19 } as never } }],
    ['length', { body: { request: { maxTokens: 21 } as never } }],
    ['tool-calls', { body: { finishReason: 'tool_calls' } }],
    [
      'tool-calls',
      {
        body: {
          chunks: [
            {
              index: 0,
              text: 'a'.repeat(20),
              tokens: Array.from({ length: 20 }, (_, token) => token),
              logprobs: Array(20).fill(-1),
              toolCalls: [{ name: 'pay' }],
            },
          ],
        },
      },
    ],
  ] as const) {
    test(`${fault}: wrong on any machine, measured or not`, () => {
      const { figures, grade } = setup(changes as Parameters<typeof setup>[0])
      assert.deepEqual([figures.faults, grade], [[fault], 'reject'])
      assert.equal(gradeOf(figures, { ...measured, reject: null }).grade, 'reject')
    })
  }
})

describe('thresholdsFor', () => {
  test('what nobody has measured is never rejected for its distance, only checked again', () => {
    const thresholds = thresholdsFor('00'.repeat(32), 'avx2', 'avx512')
    assert.equal(thresholds.reject, null)
    const { figures } = setup({ facts: { tokens: tokensWith(-9, 20) } })
    assert.equal(gradeOf(figures, thresholds).grade, 'recheck')
  })

  test('a pair of machines is the same both ways round, and every limit lies beyond what honest ones reached', () => {
    assert.ok(calibrations.length > 0)
    for (const entry of calibrations) {
      const { model, kernelClasses, honest, accept, reject } = entry
      const [one, other] = kernelClasses
      assert.equal(thresholdsFor(model, one, other), entry)
      assert.equal(thresholdsFor(model, other, one), entry)
      for (const figure of ['largestDistanceNats', 'meanDistanceNats', 'meanDeltaNats'] as const) {
        assert.ok(
          honest[figure] < accept[figure] && accept[figure] < reject[figure],
          `${entry.name} ${figure}`,
        )
      }
    }
  })
})
