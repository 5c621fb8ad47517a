import { DuckMeshError } from '@duckmesh/protocol'

/** How long a client that finds no free place is asked to wait, ms. */
const RETRY_MS = 1_000

/** Places for relayed streams. */
export type RelaySlots = {
  /**
   * Takes a place.
   * @param client address of the client
   * @returns gives it back; more than once does no harm
   * @throws DuckMeshError `RATE_LIMITED` when all places, or all of this client, are taken
   */
  take(client: string): () => void
}

/**
 * Makes the places of one process.
 * @param most places in all; 0 for no relay
 * @param mostPerClient places for one client address
 */
export function createRelaySlots(most: number, mostPerClient: number): RelaySlots {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take: (client) => {
      if (most === 0) throw new DuckMeshError('NOT_FOUND', 'This coordinator relays no streams.')
      const own = taken.get(client) ?? 0
      if (all >= most || own >= mostPerClient) {
        const details = { retryAfterMs: RETRY_MS, most: all >= most ? most : mostPerClient }
        throw new DuckMeshError('RATE_LIMITED', 'Too many streams are relayed now.', details)
      }
      all += 1
      taken.set(client, own + 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        all -= 1
        const left = taken.get(client)! - 1
        if (left > 0) taken.set(client, left)
        else taken.delete(client)
      }
    },
  }
}
