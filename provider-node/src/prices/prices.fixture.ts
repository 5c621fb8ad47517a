import { pino } from 'pino'
import { systemClock } from '../adapters/systemClock.ts'
import type { Clock } from '../ports/clock.ts'
import type { PriceList } from './priceList.ts'
import { Prices } from './prices.ts'

/** Prices by the settings of the tests, DUCK wei. */
export const base: PriceList = {
  seatWei: 10n,
  stream: { requestWei: 1n, promptTokenWei: 2n, tokenWei: 3n, strangerCapWei: 4n },
  models: new Map(),
}

/** Prices of a list that the test writes; `list.text` may be changed, and undefined is a file that is gone. */
export async function writtenPrices(
  list: { text: string | undefined },
  clock: Clock = systemClock,
): Promise<Prices> {
  const read = async () => {
    if (list.text === undefined) throw new Error('ENOENT')
    return list.text
  }
  return Prices.open({ base, read, models: ['duck', 'swan'], clock, logger: pino({ level: 'silent' }) })
}

/** Prices that stay. */
export const fixedPrices = (fields: object): Promise<Prices> =>
  writtenPrices({ text: JSON.stringify(fields) })
