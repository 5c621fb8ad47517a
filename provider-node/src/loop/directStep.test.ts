import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newRow, promisedBy } from '../journal/journal.fixture.ts'
import type { ChainJob } from '../ports/chain.ts'
import type { Row } from '../ports/journal.ts'
import { nextDirectStep } from './directStep.ts'
import { isSurelyRunnable } from './isSurelyRunnable.ts'

const providerId = 7
// acceptBy 1000, execWindow 30, disputeWindow 20
const whole = { ...newRow(1), lane: 'direct', state: 'received', promised: null } as Row
const row: Row = { ...whole, order: { ...whole.order, disputeWindow: 20 } }
const ran: Row = { ...row, state: 'promised', promised: { ...promisedBy('a'), seat: null } }

const next = (from: Row, status: ChainJob['status'], nowSeconds: number, fields: object = {}) => {
  const job: ChainJob = { status, round: 0, providerId, at: 900, tag: 0n, ...fields }
  return nextDirectStep(from, job, { nowSeconds, providerId, isSafe: true, ...fields })
}

describe('nextDirectStep', () => {
  test('accepts an open job up to the last second of acceptBy', () => {
    assert.equal(next(row, 'open', 1_000), 'acceptJob')
    assert.equal(next(row, 'open', 1_001), 'finish')
    assert.equal(next(row, 'none', 1_000), 'wait', 'the post may not be in a block yet')
  })

  test('runs a request that may not fit before it locks the bond', () => {
    assert.equal(next(row, 'open', 990, { isSafe: false }), 'run')
    assert.equal(next(ran, 'open', 990, { isSafe: false }), 'acceptJob')
  })

  test('runs once, submits what it ran, and nothing after the execution window', () => {
    assert.equal(next(row, 'active', 930), 'run')
    assert.equal(next(ran, 'active', 930), 'submitResult')
    assert.equal(next(ran, 'active', 931), 'wait')
  })

  test('leaves a job alone that another provider took', () => {
    const job: ChainJob = { status: 'active', round: 0, providerId: 8, at: 900, tag: 0n }
    assert.equal(nextDirectStep(row, job, { nowSeconds: 910, providerId, isSafe: true }), 'finish')
  })

  test('finalizes after the last second of the dispute window; a dispute is waited for', () => {
    assert.equal(next(ran, 'submitted', 920), 'wait')
    assert.equal(next(ran, 'submitted', 921), 'finalizeJob')
    for (const status of ['committing', 'anchored'] as const) {
      assert.equal(next(ran, status, 2_000), 'wait')
    }
    for (const status of ['paid', 'refunded', 'failed'] as const) assert.equal(next(ran, status, 1), 'finish')
  })
})

describe('a disputed directed job', () => {
  test('that nobody seats is closed by its provider, some seconds after anybody could', () => {
    assert.equal(next(ran, 'disputed', 960), 'wait')
    assert.equal(next(ran, 'disputed', 965), 'wait')
    assert.equal(next(ran, 'disputed', 966), 'expireJob')
  })
})

describe('isSurelyRunnable', () => {
  const request = { kind: 'inference', prompt: 'ééé', maxTokens: 10, temperature: 0, seed: 0 } as const
  test('counts a token for each byte, and what tokenizers add', () => {
    assert.equal(isSurelyRunnable(request, 18), true)
    assert.equal(isSurelyRunnable(request, 17), false)
    assert.equal(isSurelyRunnable({ ...request, seed: 0xffff_ffff }, 1_000), false)
  })
})
