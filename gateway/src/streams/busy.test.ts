import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DuckMeshError, type ErrorCode } from '@duckmesh/protocol'
import { errorInEnd, isBusy, retryAfterMs } from './busy.ts'

describe('isBusy', () => {
  const cases: [string, ErrorCode, Record<string, unknown>, boolean][] = [
    ['full engine', 'EXECUTOR_BUSY', {}, true],
    ['too many calls', 'RATE_LIMITED', {}, true],
    ['503 that says when', 'CHAIN_UNAVAILABLE', { status: 503, retryAfterMs: 100 }, true],
    ['503 that does not', 'CHAIN_UNAVAILABLE', { status: 503 }, false],
    ['another status', 'EXECUTOR_FAILED', { status: 502, retryAfterMs: 100 }, false],
    ['broken word', 'STREAM_INVALID', { retryAfterMs: 100 }, false],
    ['wait that is no number', 'UPSTREAM_ERROR', { status: 429, retryAfterMs: 'soon' }, false],
  ]
  for (const [what, code, details, expected] of cases) {
    it(`behavior: ${what}: ${expected}`, () => {
      assert.equal(isBusy(new DuckMeshError(code, '', details)), expected)
    })
  }
})

describe('errorInEnd', () => {
  it('behavior: takes code, message and wait, and no other detail', () => {
    const details = { retryAfterMs: 90_000_000, status: 429, url: 'https://elsewhere' }
    const error = errorInEnd({ code: 'EXECUTOR_BUSY', message: 'full', details })!
    assert.deepEqual(error.details, { retryAfterMs: 90_000_000 })
    assert.equal(retryAfterMs(error), 60_000, 'nobody is believed for more than a minute')
  })

  it('error: what is no error in wire form is none', () => {
    for (const value of [
      undefined,
      null,
      7,
      'EXECUTOR_BUSY',
      {},
      { code: 1, message: 'x' },
      { code: 'EXECUTOR_BUSY' },
    ]) {
      assert.equal(errorInEnd(value), undefined)
    }
  })
})
