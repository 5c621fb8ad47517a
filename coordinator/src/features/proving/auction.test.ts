import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCodes, proverSkips } from '@duckmesh/protocol'
import type { ChainProvider } from '../../ports/chain.ts'
import type { AttemptRecord, ProverRow, TaskRecord } from '../../ports/taskStore.ts'
import { holdAuction, isOfOffer, type ProverSight } from './auction.ts'

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
const turn = (proverId: number, outcome: AttemptRecord['outcome'], code: AttemptRecord['code'] = null) =>
  ({
    taskId,
    attempt: 1,
    proverId,
    outcome,
    code,
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
  nowMs: 1_000,
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
    9: 'DECLINED',
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

test('who declined for good is told apart from who could not take it now, and the buyer is told what to change', () => {
  const provers = [prover(1), prover(2), prover(3)]
  const { winner, skipped } = holdAuction(
    task(),
    [turn(1, 'declined', 'WITNESS_REFUSED'), turn(2, 'declined', 'EXECUTOR_BUSY')],
    sight(provers),
    7_000,
  )
  assert.equal(winner?.proverId, 3)
  assert.deepEqual(
    skipped.map(({ proverId, reason, fix }) => [proverId, reason, fix]),
    [
      [1, 'DECLINED', errorCodes.WITNESS_REFUSED.hint],
      [2, 'NOT_NOW', proverSkips.NOT_NOW],
    ],
  )
})

test('who could not take a task is asked again after a while, once nobody else is left', () => {
  const busy = [turn(1, 'declined', 'EXECUTOR_BUSY')]
  const at = (nowMs: number, provers: ProverRow[]) =>
    holdAuction(task(), busy, sight(provers, { nowMs }), 7_000).winner?.proverId
  assert.equal(at(5_000, [prover(1)]), undefined)
  assert.equal(at(5_001, [prover(1)]), 1)
  assert.equal(
    at(5_001, [prover(1, { circuits: [{ name: 'digits', modelId, priceWei: 1n }] }), prover(2)]),
    2,
  )
})

test('what only another offer mends is said of provers that are away, too', () => {
  const provers = [
    prover(1, { lastSeenAtMs: 0, levels: [2] }),
    prover(2, { lastSeenAtMs: 0, circuits: [{ name: 'digits', modelId, priceWei: 151n }] }),
    prover(3, { lastSeenAtMs: 0 }),
  ]
  const { skipped } = holdAuction(task(), [], sight(provers), 7_000)
  assert.deepEqual(
    skipped.map(({ reason }) => [reason, isOfOffer(reason)]),
    [
      ['OTHER_LEVEL', true],
      ['PRICE_TOO_LOW', true],
      ['OFFLINE', false],
    ],
  )
})
