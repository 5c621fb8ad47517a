import { type MeshDomain, SEALED_EVENT, saltRequest, sealRequest, verifySealKey } from '@duckmesh/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Sealer } from '../ports/sealer.ts'

/**
 * Seals requests by HPKE to the key that a provider announced, once it is known to be signed by the key on chain. The
 * session goes in the header: the stream goes straight to the provider. See docs/privacy.md.
 */
export const createSealer = (domain: MeshDomain, clock: Clock): Sealer => ({
  eventName: SEALED_EVENT,
  salted: saltRequest,
  seal: async (request, { providerId, signingKey, sealKey }, streamId) => {
    const nowSeconds = Math.floor(clock.nowMs() / 1_000)
    await verifySealKey({ domain, providerId, signingKey, sealKey, nowSeconds })
    const content = { request, authorization: null }
    return sealRequest(content, sealKey.publicKey, { domain, providerId, streamId })
  },
})
