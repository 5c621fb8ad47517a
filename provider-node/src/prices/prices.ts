import { DuckMeshError, type StreamPrice } from '@duckmesh/protocol'
import type { Logger } from 'pino'
import type { Clock } from '../ports/clock.ts'
import { type PriceList, parsePriceList, type StreamPrices } from './priceList.ts'

/** How long work at an earlier price is still begun: buyers have signed for what they were told, ms. */
const GRACE_MS = 30_000

export type PricesOptions = {
  /** By the settings. */
  base: PriceList
  /** Gives the text of the list; undefined when the settings are all there is. */
  read: (() => Promise<string>) | undefined
  /** Names of the models that are served. */
  models: readonly string[]
  clock: Clock
  logger: Logger
}

/**
 * What a node asks for now. A list that is changed holds from the next announcement on, for what begins then: work under
 * way keeps its price, and who has signed for an earlier one is served for a while. A list that is wrong changes nothing.
 */
export class Prices {
  readonly #options: PricesOptions
  #current: PriceList
  #earlier: { list: PriceList; untilMs: number }[] = []
  #text: string | undefined
  #fault: string | null = null

  private constructor(options: PricesOptions) {
    this.#options = options
    this.#current = options.base
  }

  /** @throws DuckMeshError `BAD_CONFIG` when the list cannot be read or is wrong: a node does not begin with either */
  static async open(options: PricesOptions): Promise<Prices> {
    const prices = new Prices(options)
    if (options.read) {
      prices.#text = await readText(options.read)
      prices.#current = parsePriceList(prices.#text, options.base, options.models)
    }
    return prices
  }

  /** What a seat costs at least, DUCK wei, as it is announced. */
  get seatWei(): bigint {
    return this.#current.seatWei
  }

  /** The least that is taken for a seat, DUCK wei. */
  get leastSeatWei(): bigint {
    return this.#taken().reduce((least, { seatWei }) => (seatWei < least ? seatWei : least), this.seatWei)
  }

  /** What a stream of a model costs, as it is announced. */
  stream(model: string): StreamPrices {
    return streamOf(this.#current, model)
  }

  /** Whether a stream of a model may begin at a price. */
  takes(model: string, { requestWei, promptTokenWei, tokenWei }: StreamPrice): boolean {
    return this.#taken().some((list) => {
      const own = streamOf(list, model)
      return (
        own.requestWei === requestWei && own.promptTokenWei === promptTokenWei && own.tokenWei === tokenWei
      )
    })
  }

  /** Why the list as it is now was not taken; null when it was. */
  get fault(): string | null {
    return this.#fault
  }

  /** Looks whether the list has changed. Never throws: a fault is noted, told once, and mended by the next good list. */
  async refresh(): Promise<void> {
    const { base, clock, logger, models, read } = this.#options
    if (!read) return
    try {
      const text = await readText(read).catch((error: unknown) => {
        this.#text = undefined // what comes back is looked at anew, even when it is the same
        throw error
      })
      if (text === this.#text) return
      this.#text = text
      const list = parsePriceList(text, base, models)
      this.#earlier = [
        ...this.#earlier.filter(({ untilMs }) => untilMs > clock.nowMs()),
        { list: this.#current, untilMs: clock.nowMs() + GRACE_MS },
      ]
      this.#current = list
      this.#fault = null
      logger.info({ seatWei: `${list.seatWei}` }, 'prices taken')
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (this.#fault !== error.message) logger.error({ err: error }, 'the earlier prices hold on')
      this.#fault = error.message
    }
  }

  #taken(): PriceList[] {
    const nowMs = this.#options.clock.nowMs()
    const earlier = this.#earlier.filter(({ untilMs }) => untilMs > nowMs)
    return [this.#current, ...earlier.map(({ list }) => list)]
  }
}

const streamOf = ({ models, stream }: PriceList, model: string): StreamPrices => models.get(model) ?? stream

async function readText(read: () => Promise<string>): Promise<string> {
  try {
    return await read()
  } catch (cause) {
    throw new DuckMeshError(
      'BAD_CONFIG',
      'The list of prices cannot be read.',
      { setting: 'PRICES_FILE' },
      { cause },
    )
  }
}
