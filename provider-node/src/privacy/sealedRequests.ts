import { type MeshDomain, SEALED_EVENT, streamIdOf } from '@duckmesh/protocol'
import type { OpenRequest } from '../streaming/openRequest.ts'
import type { Sealing } from './sealing.ts'

/** Opens the bodies of streams, sealed and open ones: what the streaming lane is given as its `openRequest`. */
export const sealedRequests =
  (sealing: Sealing, domain: MeshDomain): OpenRequest =>
  async (body) => {
    const { sealEvent, ...opened } = await sealing.openBody(body, streamIdOf(domain, body.stream))
    return {
      ...opened,
      sealEvent: async (plain) =>
        sealEvent ? { event: SEALED_EVENT, data: JSON.stringify(await sealEvent(plain)) } : plain,
    }
  }
