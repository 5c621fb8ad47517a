import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { zeroHash } from 'viem'
import { newRow, promisedBy, revealBy } from '../journal/journal.fixture.ts'
import type { ChainJob } from '../ports/chain.ts'
import type { Row, RowOutcome } from '../ports/journal.ts'
import { nextSeatStep, type SeatSight } from './rescue.ts'

const RESCUE_AFTER_MS = 15_000
// acceptBy 1000, execWindow 30
const rowWith = (fields: Partial<Row> = {}): Row => ({
  ...newRow(1),
  state: 'promised',
  promised: promisedBy('a'),
  committedUnder: [],
  reveal: null,
  receipt: null,
  outcome: null,
  errorCode: null,
  commitAcceptedAtMs: 1,
  boundSeenAtMs: null,
  openingAcceptedAtMs: null,
  ...fields,
})
const own = promisedBy('a').seat!.commitment
const other = promisedBy('b').seat!.commitment
const third = promisedBy('c').seat!.commitment

const job = (fields: Partial<ChainJob>): ChainJob => ({
  status: 'none',
  round: 0,
  providerId: 0,
  at: 0,
  tag: 0n,
  ...fields,
})
const anchoredAt = (at: number) => job({ status: 'anchored', at })

function next(sight: Partial<SeatSight>, row: Partial<Row> = {}) {
  const whole: SeatSight = {
    nowSeconds: 990,
    job: job({}),
    outcome: undefined,
    anchored: { seats: [7, 8, 9], commitments: [own, other, third] },
    areLogsCurrent: true,
    index: 0,
    assignedIndex: 0,
    isCommitted: false,
    hasOpening: [false, false, false],
    coordinatorGoneMs: 0,
    ignoredMs: 0,
    ...sight,
  }
  return nextSeatStep(rowWith(row), whole, RESCUE_AFTER_MS).do
}
const gone = { coordinatorGoneMs: RESCUE_AFTER_MS }

describe('nextSeatStep', () => {
  test('before the anchor it waits for the coordinator, and commits by itself when that is gone', () => {
    assert.equal(next({}), 'wait')
    assert.equal(next({ coordinatorGoneMs: RESCUE_AFTER_MS - 1 }), 'wait')
    assert.equal(next(gone), 'commitSeat')
    assert.equal(next({ ...gone, nowSeconds: 998 }), 'commitSeat')
    assert.equal(next({ ...gone, nowSeconds: 999 }), 'wait', 'too late for a transaction')
    assert.equal(
      next({ ...gone, job: job({ status: 'committing' }) }),
      'commitSeat',
      'another seat was first',
    )
    assert.equal(next({ ...gone, job: job({ status: 'committing' }), isCommitted: true }), 'wait')
  })

  test('in the last seconds it commits by itself, whatever the coordinator says', () => {
    assert.equal(next({ nowSeconds: 994 }), 'wait')
    assert.equal(next({ nowSeconds: 995 }), 'commitSeat')
    assert.equal(next({ nowSeconds: 995, isCommitted: true, job: job({ status: 'committing' }) }), 'wait')
    assert.equal(next({ nowSeconds: 999 }), 'wait', 'too late for a transaction')
  })

  test('a re-execution is seated like a second round, and a dispute that the chain undid may come again', () => {
    const round = { ...rowWith(), round: 2 }
    const disputed = job({ status: 'disputed', round: 2, at: 2_000 })
    assert.equal(next({ job: disputed, nowSeconds: 2_050 }, round), 'wait')
    assert.equal(next({ ...gone, job: disputed, nowSeconds: 2_050 }, round), 'commitSeat')
    assert.equal(next({ job: disputed, nowSeconds: 2_066 }, round), 'finish', 'execWindow 30: two of them')
    assert.equal(next({ job: job({ status: 'submitted', at: 1_990 }), nowSeconds: 2_050 }, round), 'wait')
    assert.equal(next({ job: job({ status: 'paid', at: 2_040 }), nowSeconds: 2_050 }, round), 'finish')
  })

  test('an anchor or an end whose events are not to be seen yet is waited for, never taken for "not bound"', () => {
    const unseen = { anchored: undefined, index: -1, areLogsCurrent: false }
    assert.equal(next({ ...unseen, job: anchoredAt(995) }), 'wait')
    assert.equal(next({ ...unseen, job: job({ status: 'paid', at: 995 }) }), 'wait')
    assert.equal(next({ ...unseen, job: job({ status: 'reseating', round: 1, at: 995 }) }), 'wait')
    assert.equal(next({ ...unseen, areLogsCurrent: true, job: anchoredAt(995) }), 'finish')
  })

  test('some seconds after acceptBy, by which a lagging endpoint shows an anchor, an unbound promise is over', () => {
    assert.equal(next({ nowSeconds: 1_005 }), 'wait')
    assert.equal(next({ nowSeconds: 1_006 }), 'finish')
  })

  test('a round that some seats never joined is sealed after its deadline, first seat first', () => {
    const sealing = { job: job({ status: 'committing' }), isCommitted: true }
    assert.equal(next({ ...sealing, ...gone, nowSeconds: 1_000 }), 'wait')
    assert.equal(next({ ...sealing, ...gone, nowSeconds: 1_001 }), 'sealSeats')
    assert.equal(next({ ...sealing, ...gone, nowSeconds: 1_004, assignedIndex: 2 }), 'wait')
    assert.equal(next({ ...sealing, ...gone, nowSeconds: 1_005, assignedIndex: 2 }), 'sealSeats')
    assert.equal(next({ ...sealing, nowSeconds: 1_005 }), 'wait', 'a coordinator that is there has some time')
    assert.equal(next({ ...sealing, isCommitted: false, nowSeconds: 1_006 }), 'finish')
  })

  test('a reseating has its own deadline: two execution windows after it began', () => {
    const reseating = { job: job({ status: 'reseating', round: 1, at: 980 }), ...gone }
    assert.equal(next({ ...reseating, nowSeconds: 1_038 }, { round: 1 }), 'commitSeat')
    assert.equal(next({ ...reseating, nowSeconds: 1_046 }, { round: 1 }), 'finish')
    assert.equal(
      next(reseating, { round: 0 }),
      'finish',
      'the first round is over for a seat that was not in it',
    )
  })

  test('once anchored it gives the opening to the coordinator, and to the chain when that is gone', () => {
    assert.equal(next({ job: anchoredAt(980) }), 'sendOpening')
    assert.equal(next({ job: anchoredAt(980), ...gone }), 'openSeat')
    assert.equal(next({ job: anchoredAt(980) }, { openingAcceptedAtMs: 1 }), 'wait')
  })

  test('an opening that is not taken for long goes to the chain, and the answer still to the coordinator', () => {
    const ignored = { job: anchoredAt(985), ignoredMs: RESCUE_AFTER_MS }
    assert.equal(next({ ...ignored, ignoredMs: RESCUE_AFTER_MS - 1 }), 'sendOpening')
    assert.equal(next(ignored), 'openSeat')
    assert.equal(next({ ...ignored, hasOpening: [true, false, false] }), 'sendOpening')
    assert.equal(next({ ...ignored, ...gone, hasOpening: [true, false, false] }), 'wait')
  })

  test('an opening that was taken and is not brought to the chain goes there before the deadline', () => {
    const accepted = { openingAcceptedAtMs: 1 }
    assert.equal(next({ job: anchoredAt(971), nowSeconds: 990 }, accepted), 'wait')
    assert.equal(next({ job: anchoredAt(970), nowSeconds: 990 }, accepted), 'openSeat')
    assert.equal(next({ job: anchoredAt(970), nowSeconds: 1_000 }, accepted), 'openSeat', 'the last second')
  })

  test('it closes the round as soon as all others are opened, copied or never came', () => {
    const rescue = { job: anchoredAt(980), ...gone }
    assert.equal(next({ ...rescue, hasOpening: [false, true, true] }), 'closeSeats')
    assert.equal(next({ ...rescue, hasOpening: [true, true, false] }), 'wait')
    const copied = { seats: [7, 8, 9], commitments: [own, own, zeroHash] }
    assert.equal(next({ ...rescue, anchored: copied }), 'closeSeats')
  })

  test('after the reveal deadline it closes the round without the silent seats', () => {
    const late = { job: anchoredAt(950), hasOpening: [true, false, false] }
    assert.equal(next({ ...late, ...gone, nowSeconds: 980 }), 'wait', 'the last second of the others')
    assert.equal(next({ ...late, ...gone, nowSeconds: 981 }), 'closeSeats')
    assert.equal(next({ ...late, nowSeconds: 985 }), 'wait', 'a coordinator that is there has some time')
    assert.equal(next({ ...late, nowSeconds: 986 }), 'closeSeats')
    assert.equal(next({ ...late, ...gone, index: 1, nowSeconds: 982 }), 'wait', 'later seats wait longer')
  })

  test('an anchor that does not bind this promise is none of its business', () => {
    assert.equal(next({ job: anchoredAt(980), index: -1 }), 'finish')
    assert.equal(next({ job: job({ status: 'anchored', round: 1 }) }), 'finish')
    assert.equal(next({ job: job({ status: 'paid' }) }), 'finish')
  })

  test('a seat that revealed waits as long as all reveals can be brought: one window longer', () => {
    const shown = { reveal: revealBy('a') }
    assert.equal(next({ nowSeconds: 1_006 }, shown), 'wait')
    assert.equal(next({ nowSeconds: 1_035 }, shown), 'wait')
    assert.equal(next({ nowSeconds: 1_036 }, shown), 'finish')
    const begun = { job: job({ status: 'committing' }), nowSeconds: 1_006 }
    assert.equal(next(begun, shown), 'finish', 'somebody went to the chain: nothing can be paid at once')
  })

  test('paid at once it still owes the result, as long as the coordinator may take it', () => {
    const outcome: RowOutcome = {
      kind: 'paid',
      earnedWei: 1n,
      lostWei: 0n,
      slashReason: null,
      isOpened: true,
    }
    assert.equal(next({ outcome }), 'sendOpening')
    assert.equal(next({ outcome }, { openingAcceptedAtMs: 1 }), 'finish')
    assert.equal(next({ outcome, ...gone }), 'finish')
    assert.equal(next({ outcome, ignoredMs: RESCUE_AFTER_MS }), 'finish')
    assert.equal(
      next({ outcome, job: job({ status: 'paid' }) }),
      'finish',
      'the round was closed by its openings',
    )
  })

  test('an outcome ends everything', () => {
    const outcome: RowOutcome = {
      kind: 'paid',
      earnedWei: 1n,
      lostWei: 0n,
      slashReason: null,
      isOpened: true,
    }
    const step = nextSeatStep(
      rowWith(),
      { ...({} as SeatSight), outcome, job: job({ status: 'paid' }), nowSeconds: 1 },
      RESCUE_AFTER_MS,
    )
    assert.deepEqual(step, { do: 'finish', outcome })
  })
})
