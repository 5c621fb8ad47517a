import { isTerminal, type JobId, type JobStatus } from '@duckmesh/protocol'
import type { DuckMeshClient } from '../clients/DuckMeshClient.ts'

const POLL_MS = 2_000

/**
 * Query options of one job for TanStack Query and its like: a plain object, so the SDK needs no framework.
 * @param parameters `jobId` undefined = do not ask yet
 * @example useQuery(jobQueryOptions(client, { jobId }))
 */
export const jobQueryOptions = (client: DuckMeshClient, { jobId }: { jobId: JobId | undefined }) => ({
  queryKey: ['duckmesh', client.context.domain, 'job', jobId] as const,
  enabled: jobId !== undefined,
  queryFn: (): Promise<JobStatus> => client.getJobStatus(jobId!),
  /** Milliseconds; false once the job is closed. */
  refetchInterval: (query: { state: { data?: JobStatus | undefined } }): number | false =>
    query.state.data && isTerminal(query.state.data.state) ? false : POLL_MS,
})
