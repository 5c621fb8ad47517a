import { chainError, DuckMeshError } from '@duckmesh/protocol'
import { BaseError, UserRejectedRequestError } from 'viem'

/**
 * Turns what a wallet throws into a typed error.
 * @param action what it was asked to do, for the message
 * @returns `CANCELLED` when its user declined, otherwise see `chainError`
 */
export function walletError(thrown: unknown, action: string): DuckMeshError {
  const declined =
    thrown instanceof BaseError && thrown.walk((error) => error instanceof UserRejectedRequestError)
  if (!declined) return chainError(thrown, action)
  return new DuckMeshError('CANCELLED', `The wallet declined ${action}.`, { action }, { cause: thrown })
}
