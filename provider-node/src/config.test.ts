import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DuckMeshError, parseDuck } from '@duckmesh/protocol'
import { parseConfig } from './config.ts'

const good = {
  RPC_URL: 'http://127.0.0.1:8545',
  COORDINATOR_URL: 'http://127.0.0.1:8080',
  MESH_ADDRESS: `0x${'Ab'.repeat(20)}`,
  OWNER_PRIVATE_KEY: `0x${'11'.repeat(32)}`,
  SIGNING_PRIVATE_KEY: `0x${'22'.repeat(32)}`,
  DATA_DIR: 'data',
  MODEL: 'stories15m',
}

/** Settings whose fault is that another one is missing. */
const named: Record<string, string> = { OPENAI_URL: 'OPENAI_MODEL', BEDROCK_MODEL: 'BEDROCK_REGION' }

describe('parseConfig', () => {
  test('fills in the defaults and reads amounts as DUCK', () => {
    const config = parseConfig({ ...good, MIN_PRICE_DUCK: '0.25', UNRELATED: 'x' })
    assert.equal(config.MIN_PRICE_DUCK, parseDuck('0.25'))
    assert.equal(config.HOST, '127.0.0.1')
    assert.equal(config.LANE_ONCHAIN, true)
    assert.equal(config.RESCUE_AFTER_MS, 15_000)
  })

  test('"false" is false', () => {
    assert.equal(parseConfig({ ...good, LANE_ONCHAIN: 'false' }).LANE_ONCHAIN, false)
  })

  test('a node may serve several engines, and one without a language model', () => {
    const several = parseConfig({ ...good, EMBEDDINGS: 'minilm', OCR: 'on', OPENAI_APIS: 'chat' })
    assert.deepEqual([several.EMBEDDINGS, several.OCR, several.OPENAI_APIS], ['minilm', true, ['chat']])
    const { MODEL: _, ...without } = good
    assert.equal(parseConfig({ ...without, OCR: 'on' }).MODEL, undefined)
    assert.throws(() => parseConfig({ ...without, OCR: 'off' }), /MODEL, OPENAI_URL, BEDROCK_MODEL/)
  })

  for (const [setting, value] of [
    ['RPC_URL', 'ftp://x'],
    ['MESH_ADDRESS', '0x12'],
    ['OWNER_PRIVATE_KEY', 'hunter2-is-my-key'],
    ['LANE_ONCHAIN', 'yes'],
    ['PORT', '70000'],
    ['CAPACITY', '0'],
    ['MIN_PRICE_DUCK', '-1'],
    ['MODEL', undefined],
    ['OPENAI_URL', 'http://127.0.0.1:1'],
    ['BEDROCK_MODEL', 'amazon.nova-lite-v1:0'],
    ['OPENAI_APIS', 'chat,dance'],
    ['MODEL_SLOTS', '0'],
    ['OCR', 'yes'],
    ['DATA_DIR', undefined],
  ] as const) {
    test(`names a bad ${setting} and never its value`, () => {
      const attempt = () => parseConfig({ ...good, [setting]: value })
      assert.throws(attempt, (error: DuckMeshError) => {
        assert.ok(error instanceof DuckMeshError)
        assert.equal(error.code, 'BAD_CONFIG')
        assert.match(error.message, new RegExp(named[setting] ?? setting))
        assert.ok(!error.message.includes('hunter2'))
        return true
      })
    })
  }
})
