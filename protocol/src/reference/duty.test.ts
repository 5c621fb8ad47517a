import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { keccak256, stringToBytes, toHex } from 'viem'
import {
  auditDuty,
  checkRate,
  defaultDeterrent,
  defaultDutyPolicy,
  dutyCommitment,
  isCheckDue,
  leastRateOf,
  secretShare,
} from './duty.ts'

const secret = keccak256(stringToBytes('secret'))
const ids = Array.from({ length: 4_000 }, (_, index) => keccak256(toHex(index)))

describe('duty', () => {
  test('all answers at first, then 1/n, and never below the least rate', () => {
    const policy = { firstChecks: 10, leastRate: 0.05 }
    assert.deepEqual(
      [0, 9].map((streak) => checkRate(streak, policy)),
      [1, 1],
    )
    assert.equal(checkRate(19, policy), 0.5)
    assert.equal(checkRate(99, policy), 0.1)
    assert.equal(checkRate(1_000_000, policy), 0.05)
  })

  test('checks the share that the rate asks for, others with another secret, all at 1 and none at 0', () => {
    const due = (by: typeof secret, rate: number) => ids.filter((id) => isCheckDue(by, id, rate))
    const share = due(secret, 0.1).length / ids.length
    assert.ok(share > 0.08 && share < 0.12, `${share}`)
    assert.notDeepEqual(due(keccak256(secret), 0.1), due(secret, 0.1))
    assert.equal(due(secret, 1).length, ids.length)
    assert.equal(due(secret, 0).length, 0)
  })

  test('a stream that is due at some rate is due at every higher one', () => {
    for (const id of ids.slice(0, 200)) {
      const rates = [0.01, 0.1, 0.5, 0.9].filter((rate) => isCheckDue(secret, id, rate))
      assert.deepEqual(rates, [0.01, 0.1, 0.5, 0.9].slice(4 - rates.length))
    }
  })

  test('an audit finds a check that was left out, one that was not due, and another secret', () => {
    const honest = ids
      .slice(0, 50)
      .map((streamId) => ({ streamId, rate: 0.3, wasChecked: isCheckDue(secret, streamId, 0.3) }))
    const commitment = dutyCommitment(secret)
    assert.deepEqual(auditDuty(commitment, secret, honest), [])
    const [first, second, ...rest] = honest
    const lying = [first!, { ...second!, wasChecked: !second!.wasChecked }, ...rest]
    assert.deepEqual(auditDuty(commitment, secret, lying), [second!.streamId])
    assert.equal(auditDuty(commitment, keccak256(secret), honest), undefined)
  })

  test('shares of different texts are unlike', () => {
    const shares = ids.slice(0, 100).map((id) => secretShare(secret, id))
    assert.equal(new Set(shares).size, 100)
    for (const share of shares) assert.ok(share >= 0 && share < 1)
  })
})

/**
 * Most that any strategy can gain over being honest, in prices of one answer, before `answers` more were given: dynamic
 * programming over the streak. A cheated answer brings its whole price as gain; a check finds it with probability
 * `detection`, and then `lossAnswers` are lost and the provider is out.
 */
function bestGain(answers: number, lossAnswers: number, policy = defaultDutyPolicy, detection = 0.9): number {
  let later = new Float64Array(answers + 2)
  for (let left = answers; left > 0; left -= 1) {
    const now = new Float64Array(answers + 2)
    for (let streak = 0; streak <= answers; streak += 1) {
      const rate = checkRate(streak, policy)
      const passed = rate * later[streak + 1]! + (1 - rate) * later[streak]!
      const missed = rate * (1 - detection) * later[streak + 1]! + (1 - rate) * later[streak]!
      const cheat = (1 - rate * detection) * 1 + missed - rate * detection * lossAnswers
      now[streak] = Math.max(passed, cheat)
    }
    later = now
  }
  return later[0]!
}

describe('economics', () => {
  test('no strategy gains by cheating when a caught cheat loses what the policy was made for', () => {
    assert.equal(bestGain(3_000, defaultDeterrent.lossAnswers), 0)
  })

  test('at random policies too, also when checks miss more than thought', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const share = (name: string) => secretShare(secret, `${name}/${seed}`)
      const deterrent = {
        lossAnswers: 5 + 300 * share('loss'),
        detection: 0.3 + 0.7 * share('detection'),
        safety: 2,
      }
      const policy = { firstChecks: 1 + Math.floor(50 * share('first')), leastRate: leastRateOf(deterrent) }
      // two thirds of the assumed detection are still enough with a safety of 2
      assert.equal(bestGain(400, deterrent.lossAnswers, policy, deterrent.detection * (2 / 3)), 0, `${seed}`)
    }
  })

  test('a cheat that has nothing to lose does gain, unless everything is checked', () => {
    assert.ok(bestGain(3_000, 1) > 0)
    assert.equal(leastRateOf({ lossAnswers: 1, detection: 0.9, safety: 2 }), 1)
  })
})
