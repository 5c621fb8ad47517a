import type { Providers } from '@duckmesh/protocol'

/** Where providers are found: a coordinator. */
export type Directory = {
  /**
   * `GET /v1/providers`.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE` or `UPSTREAM_ERROR`
   */
  providers(): Promise<Providers['providers']>
}
