/** Named in `Via` by a relay, so that one that is led to itself notices. Source: RFC 9110, section 7.6.3. */
export const VIA = '1.1 duckmesh-relay'

/** An answer from outside, as it comes in. */
export type OutboundAnswer = {
  status: number
  /** Media type without parameters, lower case; empty when there is none. */
  mediaType: string
  /** Body as it comes; reading slowly slows the sender down. Throws when it breaks off or is silent for too long. */
  chunks: AsyncIterable<Uint8Array>
}

/** What a call is bounded by. */
export type OutboundLimits = {
  /** Ends the call, whatever state it is in. */
  signal: AbortSignal
  /** Longest silence, ms. */
  idleMs: number
}

/**
 * HTTP calls to addresses that others have named. An adapter goes to public addresses alone unless it was told
 * otherwise, and follows no redirect.
 */
export type Outbound = {
  /**
   * Posts JSON.
   * @param authorization value of the `Authorization` header
   * @throws DuckMeshError `PROVIDER_OFFLINE` when nothing answers there or the address is not one to go to
   */
  post(url: URL, body: string, authorization: string, limits: OutboundLimits): Promise<OutboundAnswer>
}
