import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mersenneTwister, uniformDraws } from './uniformDraws.ts'

test('the 10,000th output of the default seed is the one that the C++ standard names', () => {
  const next = mersenneTwister(5_489) // [rand.predef] of ISO/IEC 14882: default-constructed std::mt19937
  let value = next()
  assert.equal(value, 3_499_211_612)
  for (let count = 2; count <= 10_000; count += 1) value = next()
  assert.equal(value, 4_123_659_995)
})

test('draws lie in [0, 1), differ by seed, and the first ones do not depend on how many are made', () => {
  const draws = uniformDraws(7, 100)
  for (const draw of draws) assert.ok(draw >= 0 && draw < 1)
  assert.deepEqual(uniformDraws(7, 3), draws.slice(0, 3))
  assert.notDeepEqual(uniformDraws(8, 3), draws.slice(0, 3))
})
