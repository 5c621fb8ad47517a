import { DuckMeshError, limits } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'

/** Bytes of bodies that may be read at the same time. */
const BUDGET_BYTES = 8 * limits.maxStreamBodyBytes
/** When to come back, ms. */
const RETRY_MS = 1_000

/**
 * Bounds what large bodies may take while they are read, all callers together. A body without a length counts as the
 * largest that there can be.
 * @throws DuckMeshError `EXECUTOR_BUSY` with `details.retryAfterMs`
 */
export function bodyBudget(): RequestHandler {
  let takenBytes = 0
  return (request, response, next) => {
    const told = Number(request.headers['content-length'])
    const bytes = Number.isSafeInteger(told) && told >= 0 ? told : limits.maxStreamBodyBytes
    if (bytes <= limits.maxStreamBodyBytes) {
      if (takenBytes + bytes > BUDGET_BYTES) {
        throw new DuckMeshError('EXECUTOR_BUSY', 'Too much is being sent at once.', {
          retryAfterMs: RETRY_MS,
        })
      }
      takenBytes += bytes
      let isTaken = true
      const release = () => {
        if (isTaken) takenBytes -= bytes
        isTaken = false
      }
      request.once('end', release)
      response.once('close', release)
    }
    next()
  }
}
