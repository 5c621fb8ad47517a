import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Hex, keccak256, numberToHex, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import vectors from '../../vectors/draw.json' with { type: 'json' }
import type { Assignment } from '../typed-data/assignment.ts'
import type { Order } from '../typed-data/order.ts'
import {
  auditAssignment,
  candidatesHash,
  type DrawRecord,
  drawAlpha,
  drawSeed,
  rankCandidates,
  seatsOf,
} from './draw.ts'
import { vrfProve } from './vrf.ts'

const candidates = vectors.candidates.map(({ providerId, weightWei }) => ({
  providerId,
  weightWei: BigInt(weightWei),
}))

test('gives the golden rankings', () => {
  assert.equal(candidatesHash(candidates), vectors.candidatesHash)
  for (const { seed, ranking } of vectors.draws)
    assert.deepEqual(rankCandidates(seed as Hex, candidates), ranking)
})

test('draws everybody once, never anybody without weight', () => {
  const withZero = [...candidates, { providerId: 9, weightWei: 0n }]
  for (let i = 0; i < 50; i++) {
    const ranking = rankCandidates(keccak256(numberToHex(i)), withZero)
    assert.deepEqual(ranking.toSorted(), candidates.map(({ providerId }) => providerId).toSorted())
  }
})

test('is first in proportion to weight', () => {
  const draws = 4_000
  const firsts = new Map<number, number>()
  for (let i = 0; i < draws; i++) {
    const [first] = rankCandidates(keccak256(numberToHex(i, { size: 32 })), candidates)
    firsts.set(first!, (firsts.get(first!) ?? 0) + 1)
  }
  // chi-squared over 5 classes: 18.47 is the 0.1 % point at 4 degrees of freedom; the seeds are fixed
  const total = candidates.reduce((sum, { weightWei }) => sum + Number(weightWei), 0)
  const chiSquared = candidates.reduce((sum, { providerId, weightWei }) => {
    const expected = (draws * Number(weightWei)) / total
    return sum + ((firsts.get(providerId) ?? 0) - expected) ** 2 / expected
  }, 0)
  assert.ok(chiSquared < 18.47, `chi-squared is ${chiSquared}`)
})

test('an excused provider is passed over, the order of the others stays', () => {
  assert.deepEqual(seatsOf([5, 3, 8, 1], [{ providerId: 3, reason: 'SILENT' }], 2), [5, 8])
})

const secretKey = keccak256(toHex('coordinator'))
const { address, publicKey } = privateKeyToAccount(secretKey)
const jobId = keccak256(toHex('job'))
const order = { coordinator: address, seats: 3 } as Order

function signedDraw(): { assignment: Assignment; record: DrawRecord } {
  const { proof, output } = vrfProve(secretKey, drawAlpha(jobId, 0))
  const seed = drawSeed(output)
  const seats = seatsOf(rankCandidates(seed, candidates), [], 3)
  return {
    assignment: { jobId, round: 0, seats, seed, candidatesHash: candidatesHash(candidates), issuedAt: 0 },
    record: { candidates, publicKey, proof, excused: [] },
  }
}

test('an honest assignment passes the audit', () => {
  const { assignment, record } = signedDraw()
  assert.deepEqual(auditAssignment(order, assignment, record), [])
})

const tricks: [string, string, (draw: ReturnType<typeof signedDraw>) => void][] = [
  ['other seats than drawn', 'seats', ({ assignment }) => assignment.seats.reverse()],
  ['a seed of its own choice', 'seed', ({ assignment }) => (assignment.seed = keccak256('0x01'))],
  ['the draw of another round', 'proof', ({ assignment }) => (assignment.round = 1)],
  ['the draw of another job', 'proof', ({ assignment }) => (assignment.jobId = keccak256('0x02'))],
  [
    'other candidates than signed',
    'candidatesHash',
    ({ record }) => (record.candidates = record.candidates.slice(1)),
  ],
  [
    'another key',
    'publicKey',
    ({ record }) => (record.publicKey = privateKeyToAccount(keccak256('0x03')).publicKey),
  ],
  [
    'a key in another form',
    'publicKey',
    ({ record }) => (record.publicKey = `0x02${publicKey.slice(4, 68)}`),
  ],
  [
    'an excuse that was not signed for',
    'seats',
    ({ assignment, record }) => (record.excused = [{ providerId: assignment.seats[0]!, reason: 'SILENT' }]),
  ],
]
for (const [name, check, play] of tricks) {
  test(`a coordinator that plays ${name} is found out`, () => {
    const draw = signedDraw()
    play(draw)
    assert.ok(auditAssignment(order, draw.assignment, draw.record).includes(check))
  })
}
