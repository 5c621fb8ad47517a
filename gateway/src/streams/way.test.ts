import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DuckMeshError, type ErrorCode } from '@duckmesh/protocol'
import { relayError, soundTerms, Ways } from './way.ts'

const RELAY = 'http://127.0.0.1:1'

function setup(route: 'direct' | 'relay' | 'auto') {
  const time = { nowMs: 0 }
  const ways = new Ways({ nowMs: () => time.nowMs, sleep: async () => undefined }, route)
  return { ways, time }
}

describe('Ways', () => {
  it('default: goes as the buyer says, or as the request does', () => {
    const { ways } = setup('direct')
    assert.deepEqual(ways.of(1, undefined, true), ['direct'])
    assert.deepEqual(ways.of(1, 'relay', true), ['relay'])
    assert.deepEqual(setup('relay').ways.of(1, undefined, true), ['relay'])
    assert.equal(setup('relay').ways.isHidden(1), true)
  })

  it('behavior: auto begins with the relay for five minutes where the provider was not reached', () => {
    const { ways, time } = setup('auto')
    assert.deepEqual(ways.of(1, undefined, true), ['direct', 'relay'])
    ways.note(1, false)
    assert.deepEqual(ways.of(1, undefined, true), ['relay', 'direct'])
    assert.deepEqual([ways.isHidden(1), ways.isHidden(2)], [true, false])
    assert.deepEqual(ways.of(2, undefined, true), ['direct', 'relay'], 'others are not meant')
    time.nowMs = 300_001
    assert.deepEqual(ways.of(1, undefined, true), ['direct', 'relay'])
    ways.note(1, false)
    ways.note(1, true)
    assert.deepEqual([ways.of(1, undefined, true), ways.isHidden(1)], [['direct', 'relay'], false])
  })

  it('behavior: auto stays straight where nothing can be sealed', () => {
    const { ways } = setup('auto')
    ways.note(1, false)
    assert.deepEqual(ways.of(1, undefined, false), ['direct'])
  })
})

describe('relayError', () => {
  const cases: [ErrorCode, boolean, ErrorCode][] = [
    ['SERVICE_UNAVAILABLE', false, 'RELAY_UNAVAILABLE'],
    ['NOT_FOUND', false, 'RELAY_UNAVAILABLE'],
    ['SERVICE_UNAVAILABLE', true, 'SERVICE_UNAVAILABLE'],
    ['PROVIDER_OFFLINE', false, 'SERVICE_UNAVAILABLE'],
    ['STREAM_INVALID', true, 'UPSTREAM_ERROR'],
    ['EXECUTOR_BUSY', false, 'EXECUTOR_BUSY'],
  ]
  for (const [code, isBegun, named] of cases) {
    it(`behavior: ${code} ${isBegun ? 'in the middle' : 'at the start'} is ${named}`, () => {
      const error = new DuckMeshError(code, 'said', { status: 503, url: 'http://relay' })
      const told = relayError(error, isBegun)
      assert.deepEqual([told.code, told.details.url], [named, 'http://relay'])
      // an error with a status would say that the provider has surely not begun
      assert.equal('status' in told.details, told === error)
    })
  }
})

describe('terms of a request', () => {
  it('behavior: what goes by the relay is sealed; what goes straight stays as it was said', () => {
    assert.equal(soundTerms({ mode: 'signed', route: 'relay', privacy: 'open' }, RELAY).privacy, 'sealed')
    assert.equal(soundTerms({ mode: 'reference', route: 'direct', privacy: 'open' }, RELAY).privacy, 'open')
    assert.equal(
      soundTerms({ mode: 'signed', route: 'auto', privacy: 'sealed' }, undefined).privacy,
      'sealed',
    )
  })

  it('error: nothing is sold as checked that nobody can read, on either way', () => {
    for (const terms of [
      { mode: 'reference', route: 'direct', privacy: 'sealed' },
      { mode: 'reference', route: 'relay', privacy: 'open' },
    ] as const)
      assert.throws(() => soundTerms(terms, RELAY), { code: 'UNSUPPORTED_MODE' })
  })

  it('error: there is no way by a relay that the buyer does not have', () => {
    const terms = { mode: 'signed', route: 'relay', privacy: 'sealed' } as const
    assert.throws(() => soundTerms(terms, undefined), { code: 'RELAY_UNAVAILABLE' })
  })
})
