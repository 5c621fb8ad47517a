import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDuck } from '@duckmesh/protocol'
import { testModel } from '../../../test/coordinatorInfo.ts'
import { createNonceSource } from '../../clients/nonceSource.ts'
import { inferenceRequestOf } from './prepareJob.ts'
import { type Model, resolveModel } from './resolveModel.ts'

const model = (name: string, providers: number, duck: string): Model => ({
  ...testModel,
  policy: `0x${name.charCodeAt(0).toString(16).repeat(32)}`,
  profile: { ...testModel.profile, name },
  providers,
  minPriceWei: parseDuck(duck),
})

describe('resolveModel', () => {
  const models = [model('a', 3, '2'), model('b', 1, '1'), model('c', 5, '3')]

  it('default: takes the cheapest that has enough providers', () => {
    assert.equal(resolveModel(models, undefined, 3).profile.name, 'a')
    assert.equal(resolveModel(models, undefined, 1).profile.name, 'b')
    assert.equal(resolveModel(models, undefined, 5).profile.name, 'c')
  })

  it('behavior: a name or a policy hash of any letter case decides, even with too few providers', () => {
    assert.equal(resolveModel(models, 'b', 3).profile.name, 'b')
    assert.equal(
      resolveModel(models, models[2]!.policy.toUpperCase().replace('0X', '0x'), 3).profile.name,
      'c',
    )
  })

  it('error: an unknown model is UNKNOWN_MODEL with what is on offer', () => {
    assert.throws(() => resolveModel(models, 'goose', 3), { code: 'UNKNOWN_MODEL' })
    assert.throws(() => resolveModel([], undefined, 3), { code: 'UNKNOWN_MODEL' })
  })
})

describe('inferenceRequestOf', () => {
  it('default: fills in 64 tokens, greedy', () => {
    const request = { kind: 'inference', prompt: 'x', maxTokens: 64, temperature: 0, seed: 0 }
    assert.deepEqual(inferenceRequestOf({ prompt: 'x' }), request)
  })

  it('error: names every field that is wrong', () => {
    assert.throws(
      () => inferenceRequestOf({ prompt: '', maxTokens: 0 }),
      (error: { code: string; details: { issues: { path: string }[] } }) => {
        const paths = error.details.issues.map((issue) => issue.path)
        assert.deepEqual([error.code, paths], ['BAD_REQUEST', ['prompt', 'maxTokens']])
        return true
      },
    )
  })
})

describe('createNonceSource', () => {
  it('default: counts within one word of 256 nonces, then takes another one', () => {
    let calls = 0
    const nonces = createNonceSource(() => {
      calls += 1
      return 0xffff_ffff
    })
    const drawn = Array.from({ length: 256 }, nonces)
    assert.equal(new Set(drawn).size, 256)
    assert.equal(new Set(drawn.map((nonce) => nonce >> 8n)).size, 1)
    assert.equal(calls, 2)
    nonces()
    assert.equal(calls, 4)
  })

  it('behavior: every nonce fits uint64, and two sources do not meet', () => {
    const highest = createNonceSource(() => 0xffff_ffff)
    assert.ok(Array.from({ length: 256 }, highest).every((nonce) => nonce < 1n << 64n))
    assert.notEqual(createNonceSource()() >> 8n, createNonceSource()() >> 8n)
  })
})
