import {
  coordinatorRoutes,
  DuckMeshError,
  type ErrorCode,
  nodeRoutes,
  type ProviderId,
  type Route,
} from '@duckmesh/protocol'
import type { BuyOptions } from '../buyer.ts'
import type { Clock } from '../ports/clock.ts'
import type { StreamEvent } from './eventStream.ts'

/** How one connection gets to its provider: straight, or by the blind relay of the coordinator. */
export type Way = 'direct' | 'relay'

/** Which ways streams may go. `auto`: straight, and by the relay where that does not reach the provider. */
export const streamRoutes = ['direct', 'relay', 'auto'] as const
export type StreamRoute = (typeof streamRoutes)[number]

/** The two calls of a stream on each way. */
export const callsOn: Record<Way, { open: Route; pay: Route }> = {
  direct: { open: nodeRoutes.openStream, pay: nodeRoutes.payStream },
  relay: { open: coordinatorRoutes.relayStream, pay: coordinatorRoutes.relayVoucher },
}

/** A provider that could not be reached straight is tried by the relay first for so long, milliseconds. */
const AWAY_MS = 300_000

/** Chooses ways, and remembers which providers are not reached straight, so that not every stream waits for that anew. */
export class Ways {
  readonly #clock: Clock
  readonly #route: StreamRoute
  readonly #awayUntilMs = new Map<ProviderId, number>()

  /** @param route where a request says nothing else */
  constructor(clock: Clock, route: StreamRoute) {
    this.#clock = clock
    this.#route = route
  }

  /**
   * Ways for a stream, to be tried in this order and then again from the first.
   * @param canRelay whether the request may be sealed, the provider can open it, and there is a relay
   */
  of(providerId: ProviderId, wanted: StreamRoute | undefined, canRelay: boolean): readonly Way[] {
    const route = wanted ?? this.#route
    if (route !== 'auto') return [route]
    if (!canRelay) return ['direct']
    return this.#isAway(providerId) ? ['relay', 'direct'] : ['direct', 'relay']
  }

  /** Whether a provider is only talked to by the relay: then its books cannot be read. */
  isHidden(providerId: ProviderId): boolean {
    return this.#route === 'relay' || (this.#route === 'auto' && this.#isAway(providerId))
  }

  /** Notes whether a provider was reached straight. */
  note(providerId: ProviderId, isReached: boolean): void {
    if (isReached) this.#awayUntilMs.delete(providerId)
    else this.#awayUntilMs.set(providerId, this.#clock.nowMs() + AWAY_MS)
  }

  #isAway(providerId: ProviderId): boolean {
    return (this.#awayUntilMs.get(providerId) ?? 0) > this.#clock.nowMs()
  }
}

/**
 * Terms as they are bought: what goes by the relay is sealed, whatever else was said.
 * @param relayUrl origin of the relay; undefined where there is none
 * @throws DuckMeshError `RELAY_UNAVAILABLE` where there is none; `UNSUPPORTED_MODE` for sealed requests in mode reference,
 * whose validators would have to read them
 */
export function soundTerms<Terms extends Pick<BuyOptions, 'mode' | 'privacy' | 'route'>>(
  terms: Terms,
  relayUrl: string | undefined,
): Terms {
  const isRelayed = terms.route === 'relay'
  if (isRelayed && relayUrl === undefined)
    throw new DuckMeshError('RELAY_UNAVAILABLE', 'This buyer has no relay.')
  const privacy = isRelayed ? 'sealed' : terms.privacy
  if (terms.mode !== 'reference' || privacy !== 'sealed') return { ...terms, privacy }
  const message =
    'What is sealed, as all is that goes by a relay, nobody else can check: use verify signed, or privacy open.'
  throw new DuckMeshError('UNSUPPORTED_MODE', message, { mode: terms.mode })
}

/**
 * What went wrong on a stream by a relay, named so that nobody is blamed for what the relay may have done. Errors of the
 * relay have no status: nobody knows what became of the stream behind it.
 * @param isBegun whether the provider has answered on this connection
 */
export function relayError(error: DuckMeshError, isBegun: boolean): DuckMeshError {
  const { status: _status, ...details } = error.details
  const named = (code: ErrorCode, message: string) =>
    new DuckMeshError(code, message, details, { cause: error })
  switch (error.code) {
    case 'STREAM_INVALID':
      return named('UPSTREAM_ERROR', 'What came by the relay is no sealed stream.')
    case 'PROVIDER_OFFLINE':
      return named('SERVICE_UNAVAILABLE', 'The relay does not reach the provider.')
    case 'SERVICE_UNAVAILABLE':
    case 'NOT_FOUND':
      return isBegun ? error : named('RELAY_UNAVAILABLE', 'The relay does not answer, or takes no streams.')
    default:
      return error
  }
}

/** The events of a stream by a relay; what goes wrong with them is named by `relayError`. */
export async function* namedEvents(events: AsyncGenerator<StreamEvent, void, undefined>): typeof events {
  let isBegun = false
  try {
    for await (const event of events) {
      isBegun = true
      yield event
    }
  } catch (thrown) {
    throw relayError(DuckMeshError.from(thrown), isBegun)
  }
}
