import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChainProvider } from '../../ports/chain.ts'
import type { AttemptRecord, ProverRow, TaskRecord } from '../../ports/taskStore.ts'
import { holdAuction, type ProverSight } from './auction.ts'

const key = (id: number) => `0x${String(id).padStart(40, '0')}` as const
const modelId = `0x${'aa'.repeat(32)}` as const
const taskId = `0x${'01'.repeat(32)}` as const

const prover = (proverId: number, changes: Partial<ProverRow> = {}): ProverRow => ({
  proverId,
  levels: [1],
  capacity: 1,
  hasGpu: false,
  circuits: [{ name: 'digits', modelId, priceWei: 100n }],
  sealKey: null,
  version: 'test',
  signingKey: key(proverId),
  lastSeenAtMs: 1_000,
  ...changes,
})
const onchain = (providerId: number, changes: Partial<ChainProvider> = {}): [number, ChainProvider] => [
  providerId,
  {
    providerId,
    owner: key(0),
    signingKey: key(providerId),
    stakedWei: 1n,
    lockedWei: 0n,
    isActive: true,
    ...changes,
  },
]
const task = (changes: Partial<TaskRecord> = {}) =>
  ({
    taskId,
    circuit: 'digits',
    privacyLevel: 1,
    needsGpu: false,
    order: { modelId, priceWei: 150n },
    ...changes,
  }) as TaskRecord
const turn = (proverId: number, outcome: AttemptRecord['outcome']) =>
  ({
    taskId,
    attempt: 1,
    proverId,
    outcome,
    scoreBps: 0,
    startedAtMs: 0,
    endedAtMs: 1,
  }) satisfies AttemptRecord
const sight = (provers: ProverRow[], changes: Partial<ProverSight> = {}): ProverSight => ({
  provers,
  onchain: new Map(provers.map(({ proverId }) => onchain(proverId))),
  active: new Map(),
  reputations: new Map(provers.map(({ proverId }) => [proverId, 5_000])),
  oldestSeenMs: 500,
  chainNow: 0,
  ...changes,
})
const reasons = ({ skipped }: ReturnType<typeof holdAuction>) =>
  Object.fromEntries(skipped.map(({ proverId, reason }) => [proverId, reason]))

test('every prover that is passed over is told why', () => {
  const provers = [
    prover(1),
    prover(2, { lastSeenAtMs: 499 }),
    prover(3, { circuits: [{ name: 'digits', modelId: taskId, priceWei: 1n }] }),
    prover(4),
    prover(5, { signingKey: key(99) }),
    prover(6, { levels: [2] }),
    prover(7, { circuits: [{ name: 'digits', modelId, priceWei: 151n }] }),
    prover(8),
    prover(9),
    prover(10),
  ]
  const seen = sight(provers, { active: new Map([[8, 1]]) })
  seen.onchain.set(...onchain(4, { isActive: false }))
  const auction = holdAuction(task(), [turn(9, 'declined')], seen, 7_000)
  assert.equal(auction.winner?.proverId, 1)
  assert.deepEqual(reasons(auction), {
    2: 'OFFLINE',
    3: 'OTHER_CIRCUIT',
    4: 'INACTIVE',
    5: 'OTHER_KEY',
    6: 'OTHER_LEVEL',
    7: 'PRICE_TOO_LOW',
    8: 'AT_CAPACITY',
    9: 'TRIED_BEFORE',
    10: 'OUTBID',
  })
})

test('a GPU is insisted on when the order asks for one, and a sealed level needs a seal key', () => {
  const provers = [prover(1, { levels: [1, 2] }), prover(2, { hasGpu: true, levels: [1, 2] })]
  assert.deepEqual(reasons(holdAuction(task({ needsGpu: true }), [], sight(provers), 7_000)), { 1: 'NO_GPU' })
  const sealed = holdAuction(task({ privacyLevel: 2 }), [], sight(provers), 7_000)
  assert.equal(sealed.winner, undefined)
  assert.deepEqual(reasons(sealed), { 1: 'OTHER_LEVEL', 2: 'OTHER_LEVEL' })
})

test('who let a task time out gets it again only when nobody else is left; who forged never', () => {
  const cheap = prover(1, { circuits: [{ name: 'digits', modelId, priceWei: 1n }] })
  assert.equal(
    holdAuction(task(), [turn(1, 'timeout')], sight([cheap, prover(2)]), 7_000).winner?.proverId,
    2,
  )
  assert.equal(holdAuction(task(), [turn(1, 'timeout')], sight([cheap]), 7_000).winner?.proverId, 1)
  assert.equal(
    holdAuction(task(), [turn(1, 'no-input')], sight([cheap, prover(2)]), 7_000).winner?.proverId,
    1,
  )
  assert.equal(holdAuction(task(), [turn(1, 'false-proof')], sight([cheap]), 7_000).winner, undefined)
})
