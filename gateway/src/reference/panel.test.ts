import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplayGrade } from '@duckmesh/protocol'
import { MOST_VALIDATORS, panelOutcome } from './panel.ts'

const grades: ReplayGrade[] = ['accept', 'recheck', 'reject']
const votesOf = (given: ReplayGrade[]) => given.map((grade, index) => ({ validatorId: index + 1, grade }))

test('one acceptance is enough when it comes first; a doubt asks for another one', () => {
  assert.deepEqual(panelOutcome(votesOf(['accept'])), { result: 'accepted', outvoted: [] })
  assert.equal(panelOutcome(votesOf(['recheck'])), undefined)
  assert.equal(panelOutcome(votesOf(['reject'])), undefined)
})

test('two of three decide, and who was against them is outvoted', () => {
  assert.deepEqual(panelOutcome(votesOf(['reject', 'accept', 'accept'])), {
    result: 'accepted',
    outvoted: [1],
  })
  assert.deepEqual(panelOutcome(votesOf(['reject', 'accept', 'reject'])), {
    result: 'rejected',
    outvoted: [2],
  })
  assert.deepEqual(panelOutcome(votesOf(['recheck', 'reject', 'reject'])), {
    result: 'rejected',
    outvoted: [],
  })
})

test('no single validator gets a provider rejected or lets a doubted answer pass, and every panel ends', () => {
  const all = grades.flatMap((a) => grades.flatMap((b) => grades.map((c) => [a, b, c])))
  for (const given of all) {
    const outcome = panelOutcome(votesOf(given))
    assert.ok(outcome, `${given} has no outcome after ${MOST_VALIDATORS} votes`)
    const count = (grade: ReplayGrade) => given.filter((found) => found === grade).length
    if (outcome.result === 'rejected') assert.ok(count('reject') >= 2)
    if (outcome.result === 'accepted' && given[0] !== 'accept') assert.ok(count('accept') >= 2)
  }
})
