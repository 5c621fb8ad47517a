import type { Models } from '@duckmesh/protocol'
import type { DuckMeshClient } from '../clients/DuckMeshClient.ts'

/**
 * Query options of the models on offer, asked again every thirty seconds.
 * @example useQuery(modelsQueryOptions(client))
 */
export const modelsQueryOptions = (client: DuckMeshClient) => ({
  queryKey: ['duckmesh', client.context.domain, 'models'] as const,
  queryFn: (): Promise<Models> => client.getModels(),
  refetchInterval: 30_000,
})
