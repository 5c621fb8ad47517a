import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTerminal, jobStates, onchainStatus, onchainStatusName, transition } from './state.ts'

test('the usual life of a redundant job', () => {
  const life = (['assign', 'anchor', 'reseat', 'assign', 'anchor', 'settle'] as const).reduce<
    (typeof jobStates)[number]
  >((state, edge) => transition(state, edge), 'received')
  assert.equal(life, 'settled')
})

test('the life of a disputed job is that of its re-execution', () => {
  const life = (['accept', 'submit', 'dispute', 'assign', 'anchor', 'refund'] as const).reduce<
    (typeof jobStates)[number]
  >((state, edge) => transition(state, edge), 'posted')
  assert.equal(life, 'refunded')
})

test('a wrong edge is refused and named', () => {
  assert.throws(() => transition('received', 'settle'), {
    code: 'ILLEGAL_TRANSITION',
    details: { from: 'received', edge: 'settle' },
  })
  assert.throws(() => transition('settled', 'assign'), { code: 'ILLEGAL_TRANSITION' })
})

test('exactly the four ends are terminal', () => {
  assert.deepEqual(jobStates.filter(isTerminal), ['settled', 'refunded', 'failed', 'expired'])
})

test('every on-chain status has a name, an unknown one is an error', () => {
  for (const [name, number] of Object.entries(onchainStatus)) assert.equal(onchainStatusName(number), name)
  assert.throws(() => onchainStatusName(99), { code: 'UPSTREAM_ERROR' })
})
