import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { drawDistance } from './drawDistance.ts'

/** Logits whose softmax is 0.5, 0.3, 0.2. */
const logits = new Map([0.5, 0.3, 0.2].map((share, id) => [id, Math.log(share)]))
const at = (uniform: number, fields: { temperature?: number; topP?: number } = {}) => ({
  logits,
  temperature: 1,
  topP: 1,
  uniform,
  ...fields,
})
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-4, `${actual} is not ${expected}`)

describe('drawDistance', () => {
  test('is 0 for the token on whose share the random number falls, and more for all others', () => {
    for (const [uniform, drawn] of [
      [0, 0],
      [0.49, 0],
      [0.51, 1],
      [0.79, 1],
      [0.81, 2],
      [0.999, 2],
    ] as const) {
      for (const id of [0, 1, 2]) {
        assert.equal(drawDistance(id, at(uniform)) === 0, id === drawn, `token ${id} at ${uniform}`)
      }
    }
  })

  test('is as small as the step over the border that it takes', () => {
    const odds = (share: number) => Math.log(share / (1 - share))
    near(drawDistance(0, at(0.51)), odds(0.51) - odds(0.5))
    near(drawDistance(1, at(0.49)), odds(0.5) - odds(0.49))
    near(drawDistance(2, at(0.79)), odds(0.8) - odds(0.79))
  })

  test('two tokens that are nearly equal may have changed places', () => {
    const twins = new Map([
      [0, 0.01],
      [1, 0],
    ])
    const draw = { logits: twins, temperature: 1, topP: 1, uniform: 0.1 }
    assert.equal(drawDistance(0, draw), 0)
    near(drawDistance(1, draw), 0.01)
  })

  test('counts in nats of the model, whatever the temperature', () => {
    const sharp = at(0.95, { temperature: 0.5 }) // shares 25/38, 9/38, 4/38: the last border is at 0.8947
    const odds = (share: number) => Math.log(share / (1 - share))
    assert.equal(drawDistance(2, sharp), 0)
    near(drawDistance(1, sharp), 0.5 * (odds(0.95) - odds(34 / 38)))
  })

  test('a token outside of top-p could not have come, unless it nearly lies in it', () => {
    assert.equal(drawDistance(1, at(0.7, { topP: 0.8 })), 0)
    near(drawDistance(2, at(0.999, { topP: 0.8 })), 0)
    assert.ok(drawDistance(2, at(0.999, { topP: 0.5 })) > 0.3)
    assert.ok(drawDistance(1, at(0.1, { topP: 0.5 })) > 0.3)
  })

  test('a token without a logit is as far as can be', () => assert.equal(drawDistance(9, at(0.5)), 64))
})
