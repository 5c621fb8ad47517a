import type { Providers } from '@duckmesh/protocol'
import type { DuckMeshClient } from '../clients/DuckMeshClient.ts'

/**
 * Query options of the list of providers, asked again every five seconds.
 * @example useQuery(providersQueryOptions(client))
 */
export const providersQueryOptions = (client: DuckMeshClient) => ({
  queryKey: ['duckmesh', client.context.domain, 'providers'] as const,
  queryFn: (): Promise<Providers> => client.getProviders(),
  refetchInterval: 5_000,
})
