import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherMs } from './pace.ts'

test('streams side by side share the chunk rate of one, up to a time that a reader would notice', () => {
  const times = [0, 1, 2, 4, 8, 9, 1_000].map((running) => gatherMs({ chunkMs: 20 }, running))
  assert.deepEqual(times, [20, 20, 40, 80, 160, 160, 160])
})

test('a longer time of the operator holds for every number of streams', () => {
  assert.deepEqual(
    [1, 4].map((running) => gatherMs({ chunkMs: 500 }, running)),
    [500, 500],
  )
})
