import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Chunk, DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import { continuationOf, givenAfter, nothingGiven } from './continuation.ts'
import { nobody } from './nobody.ts'

const request: StreamRequest = {
  api: 'completion',
  prompt: 'quack',
  maxTokens: 10,
  temperature: 0,
  topP: 1,
  seed: 1,
  stop: [],
  topLogprobs: 0,
  continueFrom: [7],
}
const chunk = (text: string, tokens: number[]): Chunk => ({ index: 0, text, tokens, logprobs: [] })

describe('continuationOf', () => {
  it('default: goes on after all tokens given, for as many as are left', () => {
    assert.equal(continuationOf(request, nothingGiven), request)
    const given = givenAfter(givenAfter(nothingGiven, chunk('a', [1, 2])), chunk('', [3]))
    assert.deepEqual(continuationOf(request, given), { ...request, continueFrom: [7, 1, 2, 3], maxTokens: 7 })
  })

  it('behavior: nobody can go on from text without tokens, nor in the middle of vectors', () => {
    assert.equal(continuationOf(request, givenAfter(nothingGiven, chunk('a', []))), undefined)
    // the rest of a character is no text without tokens
    const given = givenAfter(givenAfter(nothingGiven, chunk('', [1])), chunk('ä', []))
    assert.deepEqual(continuationOf(request, given), { ...request, continueFrom: [7, 1], maxTokens: 9 })
    const embedding: StreamRequest = { api: 'embedding', input: ['a', 'b'] }
    const vectors = givenAfter(nothingGiven, { ...chunk('', []), embeddings: ['AAAA'] })
    assert.equal(continuationOf(embedding, vectors), undefined)
  })
})

describe('nobody', () => {
  const away = new DuckMeshError('SERVICE_UNAVAILABLE', 'away')
  type Case = [Parameters<typeof nobody>[0], DuckMeshError | undefined, boolean]
  const cases: [string, Case, string, boolean][] = [
    ['no offer fits', [new Map([[1, 'PRICE_TOO_HIGH']]), undefined, false], 'NO_PROVIDERS', true],
    [
      'all are busy',
      [
        new Map([
          [1, 'AT_CAPACITY'],
          [2, 'PRICE_TOO_HIGH'],
        ]),
        undefined,
        false,
      ],
      'EXECUTOR_BUSY',
      false,
    ],
    ['the coordinator is away', [new Map(), away, false], 'SERVICE_UNAVAILABLE', false],
    [
      'the chain is away',
      [new Map([[1, 'FAILED_RECENTLY']]), new DuckMeshError('CHAIN_UNAVAILABLE', ''), false],
      'CHAIN_UNAVAILABLE',
      false,
    ],
    ['the money is gone', [new Map([[1, 'BUDGET_SPENT']]), undefined, false], 'INSUFFICIENT_FUNDS', true],
    [
      'the prompt is too long',
      [new Map([[1, 'FAILED_RECENTLY']]), new DuckMeshError('PROMPT_TOO_LONG', ''), false],
      'PROMPT_TOO_LONG',
      true,
    ],
    ['enough were asked', [new Map([[1, 'FAILED_RECENTLY']]), undefined, true], 'NO_PROVIDERS', true],
  ]
  for (const [what, [skipped, failure, isSpent], code, isFinal] of cases) {
    it(`behavior: says ${code} when ${what}`, () => {
      const told = nobody(skipped, failure, { isSpent, retryAfterMs: 700 })
      assert.equal(told.withReasons([]).code, code)
      assert.equal(told.isFinal, isFinal)
    })
  }
})
