import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTerminal, jobStates, onchainStatus, onchainStatusName, transition } from './state.ts'

test('the usual life of a redundant job', () => {
  const life = (['assign', 'anchor', 'reseat', 'assign', 'anchor', 'settle'] as const).reduce<
    (typeof jobStates)[number]
  >((state, edge) => transition(state, edge), 'received')
  assert.equal(life, 'settled')
})

test('seats that agree are paid from their commitments; when they do not, they are anchored', () => {
  const follow = (edges: readonly ('assign' | 'commit' | 'settle' | 'anchor' | 'reassign' | 'refund')[]) =>
    edges.reduce<(typeof jobStates)[number]>((state, edge) => transition(state, edge), 'received')
  assert.equal(follow(['assign', 'commit', 'settle']), 'settled')
  assert.equal(follow(['assign', 'commit', 'anchor', 'settle']), 'settled')
  assert.equal(follow(['assign', 'commit', 'reassign']), 'assigned')
  assert.equal(follow(['assign', 'commit', 'refund']), 'refunded')
  assert.throws(() => transition('anchored', 'commit'), { code: 'ILLEGAL_TRANSITION' })
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
