import { type MeshDomain, SEALED_EVENT, saltRequest, sealRequest, verifySealKey } from '@duckmesh/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Sealer } from '../ports/sealer.ts'

/**
 * Seals requests by HPKE to the key that a provider announced, once it is known to be signed by the key on chain. See
 * docs/privacy.md.
 */
export const createSealer = (domain: MeshDomain, clock: Clock): Sealer => ({
  eventName: SEALED_EVENT,
  salted: saltRequest,
  seal: async (request, { providerId, signingKey, sealKey }, streamId, authorization) => {
    const nowSeconds = Math.floor(clock.nowMs() / 1_000)
    await verifySealKey({ domain, providerId, signingKey, sealKey, nowSeconds })
    return sealRequest({ request, authorization }, sealKey.publicKey, { domain, providerId, streamId })
  },
})
