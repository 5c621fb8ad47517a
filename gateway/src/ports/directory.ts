import type { Providers } from '@duckmesh/protocol'

/** Where providers are found: a coordinator. */
export type Directory = {
  /** Origin of the coordinator's blind relay; undefined where there is none. */
  relayUrl?: string | undefined
  /**
   * `GET /v1/providers`.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE` or `UPSTREAM_ERROR`
   */
  providers(): Promise<Providers['providers']>
}
