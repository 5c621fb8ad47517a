import {
  DuckMeshError,
  type ErrorCode,
  type ProviderId,
  type Skipped,
  type SkipReason,
} from '@duckmesh/protocol'

/** Reasons that may be gone in a moment. */
const PASSING: ReadonlySet<SkipReason> = new Set([
  'AT_CAPACITY',
  'CHANNEL_PENDING',
  'OFFLINE',
  'FAILED_RECENTLY',
])

/** Errors that are not the provider's doing: nobody else would take the request either. */
const FAULTS_OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set([
  'BAD_REQUEST',
  'PROMPT_TOO_LONG',
  'BODY_TOO_LARGE',
])

/** What to tell a caller whom nobody answers. */
export type Nobody = {
  /** Waiting cannot help. */
  isFinal: boolean
  withReasons(skipped: Skipped[]): DuckMeshError
}

/**
 * Tells apart why nobody answers: the request is at fault, a service is away, all are busy, the money is gone, or nobody
 * offers it on these terms.
 * @param failure what failed last
 * @param isSpent whether as many providers were asked as may be
 * @param retryAfterMs what a caller is told to wait when it is a matter of waiting, milliseconds
 */
export function nobody(
  skipped: ReadonlyMap<ProviderId, SkipReason>,
  failure: DuckMeshError | undefined,
  { isSpent, retryAfterMs }: { isSpent: boolean; retryAfterMs: number },
): Nobody {
  const reasons = [...skipped.values()].filter((reason) => reason !== 'PROFILE_MISMATCH')
  const passing = reasons.some((reason) => PASSING.has(reason))
  const isAway = failure?.code === 'SERVICE_UNAVAILABLE' || failure?.code === 'CHAIN_UNAVAILABLE'
  const make = (code: ErrorCode, message: string, details = {}): Nobody['withReasons'] => {
    return (list) => new DuckMeshError(code, message, { ...details, skipped: list }, { cause: failure })
  }
  if (failure && FAULTS_OF_THE_REQUEST.has(failure.code)) {
    return { isFinal: true, withReasons: () => failure }
  }
  const isFinal = isSpent || (!passing && !isAway)
  if (failure?.code === 'CHAIN_UNAVAILABLE' || reasons.includes('CHANNEL_PENDING')) {
    return {
      isFinal,
      withReasons: make('CHAIN_UNAVAILABLE', 'The chain does not answer, so no channel can be opened.', {
        retryAfterMs,
      }),
    }
  }
  if (reasons.includes('RELAY_AWAY')) {
    const message = 'The relay on the way to the providers does not answer.'
    return { isFinal: true, withReasons: make('RELAY_UNAVAILABLE', message) }
  }
  if (reasons.length === 0 && isAway) return { isFinal, withReasons: () => failure }
  if (reasons.includes('AT_CAPACITY')) {
    return {
      isFinal,
      withReasons: make('EXECUTOR_BUSY', 'All providers of this model are busy.', { retryAfterMs }),
    }
  }
  if (reasons.length > 0 && reasons.every((reason) => reason === 'BUDGET_SPENT')) {
    return {
      isFinal,
      withReasons: make('INSUFFICIENT_FUNDS', 'There is no DUCK left to open or fill a channel.'),
    }
  }
  return { isFinal, withReasons: make('NO_PROVIDERS', 'No provider can take this request on these terms.') }
}
