import type { ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { ChannelChain } from '../ports/channelChain.ts'
import type { Clock } from '../ports/clock.ts'

/** Signing keys are read again after this time, milliseconds. */
const KEY_MS = 30_000

/**
 * Reads signing keys of providers from the chain, each again after a while.
 * @returns gives the key of a provider; throws DuckMeshError `CHAIN_UNAVAILABLE` for one that was never read
 */
export function signingKeys(
  chain: Pick<ChannelChain, 'signingKey'>,
  clock: Clock,
): (providerId: ProviderId) => Promise<Address> {
  const keys = new Map<ProviderId, { key: Address; atMs: number }>()
  return async (providerId) => {
    const held = keys.get(providerId)
    if (held && clock.nowMs() - held.atMs < KEY_MS) return held.key
    try {
      const key = await chain.signingKey(providerId)
      keys.set(providerId, { key, atMs: clock.nowMs() })
      return key
    } catch (thrown) {
      if (held) return held.key // an old key is better than none while the chain is away
      throw thrown
    }
  }
}
