import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { systemClock } from '../adapters/systemClock.ts'
import { base, writtenPrices } from './prices.fixture.ts'

const WEI = 10n ** 18n
const isBadConfig = (error: unknown) => error instanceof DuckMeshError && error.code === 'BAD_CONFIG'

/** A list that can be rewritten, and a clock that can be moved. */
async function setup(fields: object = {}) {
  const time = { nowMs: 1_000 }
  const list: { text: string | undefined } = { text: JSON.stringify(fields) }
  const prices = await writtenPrices(list, { ...systemClock, nowMs: () => time.nowMs })
  const write = async (next: object | string | undefined) => {
    list.text = typeof next === 'object' ? JSON.stringify(next) : next
    await prices.refresh()
  }
  return { prices, time, write }
}

describe('Prices', () => {
  test('what the list does not name costs what the settings say, and a model what all cost', async () => {
    const { prices } = await setup({ tokenDuck: '5', models: { swan: { requestDuck: '7' } } })
    assert.equal(prices.seatWei, base.seatWei)
    assert.deepEqual(prices.stream('duck'), { ...base.stream, tokenWei: 5n * WEI })
    assert.deepEqual(prices.stream('swan'), { ...base.stream, tokenWei: 5n * WEI, requestWei: 7n * WEI })
  })

  test('a change holds at once; who signed for the earlier price is served for half a minute more', async () => {
    const { prices, time, write } = await setup()
    const before = prices.stream('duck')
    await write({ tokenDuck: '9', minPriceDuck: '2' })
    const after = prices.stream('duck')
    assert.equal(after.tokenWei, 9n * WEI)
    assert.deepEqual([prices.takes('duck', before), prices.takes('duck', after)], [true, true])
    assert.deepEqual([prices.seatWei, prices.leastSeatWei], [2n * WEI, base.seatWei])
    const mixed = { ...before, tokenWei: after.tokenWei, requestWei: before.requestWei + 1n }
    assert.equal(prices.takes('duck', mixed), false, 'a price that was never told')
    time.nowMs += 30_000
    assert.deepEqual([prices.takes('duck', before), prices.takes('duck', after)], [false, true])
    assert.equal(prices.leastSeatWei, 2n * WEI)
  })

  test('several changes in a row: each earlier price has its own half minute', async () => {
    const { prices, time, write } = await setup()
    const told = [prices.stream('duck')]
    for (const tokenDuck of ['1', '2']) {
      time.nowMs += 20_000
      await write({ tokenDuck })
      told.push(prices.stream('duck'))
    }
    assert.deepEqual(
      told.map((price) => prices.takes('duck', price)),
      [true, true, true],
    )
    time.nowMs += 15_000
    assert.deepEqual(
      told.map((price) => prices.takes('duck', price)),
      [false, true, true],
    )
  })

  for (const [what, text] of [
    ['half a document', '{"tokenDuck":"1'],
    ['a number in the place of text', '{"tokenDuck":1}'],
    ['a negative amount', '{"tokenDuck":"-1"}'],
    ['an unknown field', '{"tokenDuk":"1"}'],
    ['a model that is not served', '{"models":{"goose":{"tokenDuck":"1"}}}'],
    ['nothing', ''],
    ['no file', undefined],
  ] as const) {
    test(`${what}: the prices before hold on, the fault can be seen, and a good list mends it`, async () => {
      const { prices, write } = await setup({ tokenDuck: '4' })
      await write(text)
      assert.equal(prices.stream('duck').tokenWei, 4n * WEI)
      assert.match(prices.fault ?? '', /list of prices/)
      await write(text)
      assert.notEqual(prices.fault, null)
      await write({ tokenDuck: '4' })
      assert.equal(prices.fault, null)
      await write({ tokenDuck: '6' })
      assert.equal(prices.stream('duck').tokenWei, 6n * WEI)
      await assert.rejects(writtenPrices({ text }), isBadConfig, 'a node does not begin with it')
    })
  }
})
