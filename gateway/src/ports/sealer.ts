import type { JobId, ProviderId, Providers, Sealed, StreamRequest } from '@duckmesh/protocol'
import type { Address } from 'viem'

/** Opens the events of one answer, in the order in which they come. */
export type EventOpener = {
  /** @throws DuckMeshError when an event is not the next one that the provider sealed */
  open(data: string): Promise<{ event: string; data: string }>
}

/** A sealed request, and what opens its answer: made for every connection. */
export type SealedRequest = { sealed: Sealed; opener(): EventOpener }

/** Seals requests to a provider and opens what it answers. */
export type Sealer = {
  /** Name of the events that carry sealed ones. */
  eventName: string
  /** The request as it is to be hashed and sealed: with a salt, so that its hash tells nothing. */
  salted(request: StreamRequest): StreamRequest
  /**
   * Seals one request, and the session that goes with it.
   * @param authorization value of the header of that name when a relay may stand between, null otherwise
   * @param provider its signing key as registered on chain, and the sealing key that it announced
   * @throws DuckMeshError when the provider did not sign the sealing key, or it is over
   */
  seal(
    request: StreamRequest,
    provider: {
      providerId: ProviderId
      signingKey: Address
      sealKey: NonNullable<Providers['providers'][number]['sealKey']>
    },
    streamId: JobId,
    authorization: string | null,
  ): Promise<SealedRequest>
}
