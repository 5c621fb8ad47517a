import {
  DuckMeshError,
  hashCanonical,
  type NodeOffer,
  type Providers,
  type StreamOffer,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { PartHealth } from '../buyer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import { HealthNote } from '../ports/healthNote.ts'

export type Provider = Providers['providers'][number]

/** One offer of one provider. */
export type Listing = { provider: Provider; offer: NodeOffer; policy: Hex; streaming: StreamOffer | null }

/** Up to so many times its freshness the view is used while the next one is fetched. */
const BEHIND = 5

/** How old the view of the market may be, milliseconds. */
export type MarketAges = {
  /** Used without asking again; up to five times that old while the next one is on its way, so that nobody waits for it. */
  freshMs: number
  /** Used when the coordinator does not answer. */
  staleMs: number
}

export const defaultAges: MarketAges = { freshMs: 2_000, staleMs: 300_000 }

/**
 * The offers of all providers, as a coordinator lists them; kept for a moment, and for longer while the coordinator is
 * away. What it says decides who is asked and never what is believed: keys and channels are read from the chain.
 */
export class Market {
  readonly #directory: Directory
  readonly #clock: Clock
  readonly #ages: MarketAges
  readonly #note: HealthNote
  #listings: { all: Listing[]; atMs: number } | undefined
  #asking: Promise<void> | undefined

  constructor(directory: Directory, clock: Clock, ages: MarketAges) {
    this.#directory = directory
    this.#clock = clock
    this.#ages = ages
    this.#note = new HealthNote(clock)
  }

  get health(): PartHealth {
    return this.#note.health
  }

  /**
   * All offers.
   * @param maxAgeMs how old they may be. @default `freshMs`
   * @throws DuckMeshError `SERVICE_UNAVAILABLE` when the coordinator was away for longer than `staleMs`
   */
  async listings(maxAgeMs = this.#ages.freshMs): Promise<Listing[]> {
    if (this.#ageMs() <= maxAgeMs) return this.#listings!.all
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    if (this.#ageMs() <= BEHIND * maxAgeMs) {
      this.#asking.catch(() => undefined) // the health note has it, and the next call asks again
      return this.#listings!.all
    }
    try {
      await this.#asking
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (this.#ageMs() > this.#ages.staleMs) throw error
    }
    return this.#listings!.all
  }

  /** A provider says that the list is out of date: it is asked for again at the next call. */
  doubt(): void {
    if (this.#listings)
      this.#listings.atMs = Math.min(
        this.#listings.atMs,
        this.#clock.nowMs() - BEHIND * this.#ages.freshMs - 1,
      )
  }

  async #ask(): Promise<void> {
    try {
      const providers = await this.#directory.providers()
      const all = providers.flatMap((provider) =>
        provider.offers.map((offer) => ({
          provider,
          offer,
          policy: hashCanonical(offer.profile),
          streaming: offer.streaming,
        })),
      )
      this.#listings = { all, atMs: this.#clock.nowMs() }
      this.#note.answered()
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      this.#note.failed(error)
      throw error
    }
  }

  #ageMs(): number {
    return this.#listings ? this.#clock.nowMs() - this.#listings.atMs : Number.POSITIVE_INFINITY
  }
}
