import {
  DuckMeshError,
  eventSealer,
  type JobId,
  type MeshDomain,
  openRequest,
  type ProviderId,
  type SealEvent,
  type SignedSealKey,
  type StreamBody,
  type StreamRequest,
  sealKeyTypedData,
} from '@duckmesh/protocol'
import type { Hex, LocalAccount } from 'viem'
import type { SealKeys } from './sealKeys.ts'

/** A request of a stream as the node runs it, however it came. */
export type OpenedRequest = {
  request: StreamRequest
  /** Session that came under the seal, as the value of an `Authorization` header; null when it is in the header. */
  authorization: string | null
  /** Seals each event of the answer, in order; null for a request that came open. */
  sealEvent: SealEvent | null
}

/** What the streaming lane needs to take sealed requests. */
export type Sealing = {
  /** The key to announce, signed. */
  announced(): Promise<SignedSealKey>
  /**
   * The request of a stream, opened when it came sealed. The caller compares its hash with `stream.requestHash`, and
   * asks for a session here or in the header. Called again for a resumed stream, it gives a `sealEvent` of its own.
   * @throws DuckMeshError `BAD_REQUEST` unless it has exactly one of request and seal, `SEAL_BROKEN`
   */
  openBody(body: Pick<StreamBody, 'request' | 'sealed'>, streamId: JobId): Promise<OpenedRequest>
}

/**
 * Makes the sealing of a node.
 * @param parameters.account signing key of the provider, as on chain
 */
export function createSealing({
  keys,
  account,
  domain,
  providerId,
}: {
  keys: SealKeys
  account: LocalAccount
  domain: MeshDomain
  providerId: ProviderId
}): Sealing {
  let signed: { of: Hex; sealKey: SignedSealKey } | undefined
  return {
    announced: async () => {
      const { publicKey, validUntil } = await keys.current()
      if (signed?.of !== publicKey) {
        const statement = sealKeyTypedData(domain, { providerId, publicKey, validUntil })
        const signature = await account.signTypedData(statement)
        signed = { of: publicKey, sealKey: { publicKey, validUntil, signature } }
      }
      return signed.sealKey
    },
    openBody: async ({ request, sealed }, streamId) => {
      if ((request === undefined) === (sealed === undefined)) {
        throw new DuckMeshError('BAD_REQUEST', 'A stream needs its request, open or sealed, and not both.')
      }
      if (request) return { request, authorization: null, sealEvent: null }
      const { answer, ...content } = await openRequest(sealed!, keys.usable(), {
        domain,
        providerId,
        streamId,
      })
      return { ...content, sealEvent: await eventSealer(answer) }
    },
  }
}
