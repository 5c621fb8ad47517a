import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { StreamSlots } from './slots.ts'

const waitOf = (slots: StreamSlots, busy = 0): number => {
  try {
    slots.enter(busy).release()
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    assert.equal(error.code, 'EXECUTOR_BUSY')
    return Number(error.details.retryAfterMs)
  }
  return 0
}

test('lets in what runs and what may wait, counts a place once, and refuses the rest', () => {
  const slots = new StreamSlots(2, 1, () => 0)
  const leases = [slots.enter(0), slots.enter(0), slots.enter(0)]
  assert.ok(waitOf(slots) > 0)
  leases[0]?.release()
  leases[0]?.release()
  assert.equal(slots.taken, 2)
  assert.equal(waitOf(slots), 0)
})

test('work of other lanes counts', () => {
  assert.ok(waitOf(new StreamSlots(2, 1, () => 0), 3) > 0)
})

test('tells to wait as long as streams took lately, shared by the slots, within bounds', () => {
  let nowMs = 0
  const slots = new StreamSlots(4, 0, () => nowMs)
  for (let count = 0; count < 60; count++) {
    const lease = slots.enter(0)
    nowMs += 8_000
    lease.release()
  }
  for (let count = 0; count < 4; count++) slots.enter(0)
  const waitMs = waitOf(slots)
  assert.ok(waitMs > 1_900 && waitMs <= 2_000, `${waitMs} ms`)
})
