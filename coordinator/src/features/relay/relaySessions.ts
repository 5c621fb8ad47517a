import { DuckMeshError, type MeshDomain, type ProviderId, sessionHeader } from '@duckmesh/protocol'
import type { Chain } from '../../ports/chain.ts'
import { type Clock, nowSeconds } from '../../ports/clock.ts'
import type { Signer } from '../../ports/signer.ts'

/** Life of a session, and how long before its end the next one is made, seconds. */
const SESSION_SECONDS = 600
const RENEW_SECONDS = 60

/** Sessions of this coordinator with providers: a node reads nothing of a stranger's. */
export type RelaySessions = {
  /**
   * Value of the `Authorization` header for a provider.
   * @throws DuckMeshError `PROVIDER_OFFLINE` for one that is not on chain, `CHAIN_UNAVAILABLE`
   */
  authorization(providerId: ProviderId): Promise<string>
  /** Forgets the session with a provider, which may have another signing key now. */
  forget(providerId: ProviderId): void
}

/** Makes the sessions of one process. */
export function createRelaySessions({
  chain,
  signer,
  domain,
  clock,
}: {
  chain: Pick<Chain, 'providers'>
  signer: Pick<Signer, 'address' | 'signSession'>
  domain: MeshDomain
  clock: Clock
}): RelaySessions {
  const known = new Map<ProviderId, { header: string; expiresAt: number }>()
  return {
    forget: (providerId) => void known.delete(providerId),
    authorization: async (providerId) => {
      const now = nowSeconds(clock)
      const kept = known.get(providerId)
      if (kept && kept.expiresAt > now + RENEW_SECONDS) return kept.header
      const provider = (await chain.providers()).find((one) => one.providerId === providerId)
      if (!provider) throw new DuckMeshError('PROVIDER_OFFLINE', 'There is no such provider.', { providerId })
      const expiresAt = now + SESSION_SECONDS
      const session = { account: signer.address, audience: provider.signingKey, expiresAt }
      const signature = await signer.signSession(domain, session)
      const header = sessionHeader(session, signature)
      known.set(providerId, { header, expiresAt })
      return header
    },
  }
}
