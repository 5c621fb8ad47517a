import { DuckMeshError } from '@duckmesh/protocol'

/** Longest time that a provider's word is taken for, milliseconds. */
const MOST_WAIT_MS = 60_000

/**
 * Whether a provider says that it has no room now, as against being broken: its own code, or any refusal that tells when
 * to come again with status 429 or 503 (RFC 9110, section 10.2.3; RFC 6585, section 4).
 */
export function isBusy(error: DuckMeshError): boolean {
  if (error.code === 'EXECUTOR_BUSY' || error.code === 'RATE_LIMITED') return true
  const { status } = error.details
  return (status === 429 || status === 503) && retryAfterMs(error) !== undefined
}

/** What an error says about when to ask again, milliseconds, at most a minute. */
export function retryAfterMs({ details }: DuckMeshError): number | undefined {
  const { retryAfterMs: waitMs } = details
  return typeof waitMs === 'number' && waitMs >= 0 ? Math.min(waitMs, MOST_WAIT_MS) : undefined
}

/** An error in wire form that a provider put into the end of a stream; of its details only the wait is taken. */
export function errorInEnd(error: unknown): DuckMeshError | undefined {
  const wire = error as
    | { code?: unknown; message?: unknown; details?: { retryAfterMs?: unknown } }
    | undefined
  if (typeof wire?.code !== 'string' || typeof wire.message !== 'string') return undefined
  const waitMs = wire.details?.retryAfterMs
  const details = typeof waitMs === 'number' ? { retryAfterMs: waitMs } : {}
  return DuckMeshError.fromWire({ ...wire, details } as never)
}
