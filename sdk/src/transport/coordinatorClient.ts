import {
  type CoordinatorInfo,
  coordinatorInfoSchema,
  coordinatorRoutes,
  type DisputeBody,
  type EvidenceBatches,
  type EvidenceBody,
  type EvidenceOfJob,
  evidenceBatchesSchema,
  evidenceOfJobSchema,
  evidenceTakenSchema,
  isTerminal,
  type JobId,
  type JobResult,
  type JobStatus,
  jobResultSchema,
  jobStatusSchema,
  type Models,
  modelsSchema,
  type Provers,
  type ProviderId,
  type ProviderSla,
  type Providers,
  proversSchema,
  providerSlaSchema,
  providersSchema,
  type Route,
  type SubmitBody,
  type TaskBody,
  type TaskInputBody,
  type TaskResult,
  type TaskStatus,
  taskResultSchema,
  taskStatusSchema,
} from '@duckmesh/protocol'
import { type JobEventsParameters, jobEvents } from './events.ts'
import { type Fetch, requestJson, type Schema } from './requestJson.ts'

const acceptedSchema = jobStatusSchema.pick({ jobId: true })
const acceptedTaskSchema = taskStatusSchema.pick({ taskId: true })

/** Where a coordinator is and how long to wait for it. */
export type CoordinatorClientOptions = {
  /** Origin, e.g. `http://127.0.0.1:7411`. */
  url: string
  /** Longest time for one answer, milliseconds. */
  timeoutMs: number
  fetch: Fetch
}

/** The requests that a buyer or auditor makes to a coordinator. It holds no state and no keys. */
export class CoordinatorClient {
  readonly url: string
  private readonly options: CoordinatorClientOptions

  constructor(options: CoordinatorClientOptions) {
    this.url = options.url
    this.options = options
  }

  /** `GET /v1/coordinator`. */
  info(): Promise<CoordinatorInfo> {
    return this.get(coordinatorRoutes.coordinator, coordinatorInfoSchema)
  }

  /** `GET /v1/models`. */
  models(): Promise<Models> {
    return this.get(coordinatorRoutes.models, modelsSchema)
  }

  /** `GET /v1/providers`. */
  providers(): Promise<Providers> {
    return this.get(coordinatorRoutes.providers, providersSchema)
  }

  /** `POST /v1/jobs`; the coordinator knows a job by its id, so sending it twice is sending it once. */
  submit(body: SubmitBody, signal?: AbortSignal): Promise<{ jobId: JobId }> {
    return requestJson({ ...this.base(coordinatorRoutes.submitJob, acceptedSchema), body, signal })
  }

  /** `POST /v1/disputes`; sending it twice is sending it once. */
  dispute(body: DisputeBody, signal?: AbortSignal): Promise<{ jobId: JobId }> {
    return requestJson({ ...this.base(coordinatorRoutes.submitDispute, acceptedSchema), body, signal })
  }

  /** `GET /v1/jobs/:jobId`. */
  status(jobId: JobId, signal?: AbortSignal): Promise<JobStatus> {
    return requestJson({
      ...this.base(coordinatorRoutes.job, jobStatusSchema),
      parameters: { jobId },
      signal,
    })
  }

  /**
   * `GET /v1/jobs/:jobId/result`.
   * @param authorization value of `sessionHeader` for the requester
   */
  result(jobId: JobId, authorization: string): Promise<JobResult> {
    return requestJson({
      ...this.base(coordinatorRoutes.jobResult, jobResultSchema),
      parameters: { jobId },
      authorization,
    })
  }

  /** `GET /v1/jobs/:jobId/events`, resumed after every cut. */
  events(
    parameters: Omit<JobEventsParameters, 'baseUrl' | 'fetch' | 'isOver'>,
  ): ReturnType<typeof jobEvents> {
    const { jobId, signal } = parameters
    const isOver = async () => isTerminal((await this.status(jobId, signal)).state)
    return jobEvents({ ...parameters, isOver, baseUrl: this.url, fetch: this.options.fetch })
  }

  /** `GET /provers`. */
  provers(): Promise<Provers> {
    return this.get(coordinatorRoutes.provers, proversSchema)
  }

  /** `POST /tasks`; sending it twice is sending it once. */
  submitTask(body: TaskBody, signal?: AbortSignal): Promise<{ taskId: JobId }> {
    const wire = { ...body, request: body.request.map(String) }
    return requestJson({ ...this.base(coordinatorRoutes.submitTask, acceptedTaskSchema), body: wire, signal })
  }

  /** `GET /tasks/:taskId/status`. */
  task(taskId: JobId, signal?: AbortSignal): Promise<TaskStatus> {
    const parameters = { taskId }
    return requestJson({ ...this.base(coordinatorRoutes.taskStatus, taskStatusSchema), parameters, signal })
  }

  /** `GET /tasks/:taskId/result`. */
  taskResult(taskId: JobId, signal?: AbortSignal): Promise<TaskResult> {
    const parameters = { taskId }
    return requestJson({ ...this.base(coordinatorRoutes.taskResult, taskResultSchema), parameters, signal })
  }

  /**
   * `POST /tasks/:taskId/input`.
   * @param authorization value of `sessionHeader` for the requester
   */
  async taskInput(taskId: JobId, body: TaskInputBody, authorization: string): Promise<void> {
    const parameters = { taskId }
    const base = this.base(coordinatorRoutes.taskInput, acceptedTaskSchema)
    await requestJson({ ...base, parameters, body, authorization })
  }

  /** `GET /v1/evidence/:jobId`. */
  evidence(jobId: JobId): Promise<EvidenceOfJob> {
    return requestJson({
      ...this.base(coordinatorRoutes.evidence, evidenceOfJobSchema),
      parameters: { jobId },
    })
  }

  /** `GET /v1/evidence/batches`. */
  evidenceBatches(): Promise<EvidenceBatches> {
    return this.get(coordinatorRoutes.evidenceBatches, evidenceBatchesSchema)
  }

  /** `GET /v1/providers/:providerId/sla`. */
  providerSla(providerId: ProviderId): Promise<ProviderSla> {
    const parameters = { providerId: String(providerId) }
    return requestJson({ ...this.base(coordinatorRoutes.providerSla, providerSlaSchema), parameters })
  }

  /** `POST /v1/evidence`; sending it twice is sending it once. */
  submitEvidence(body: EvidenceBody): Promise<{ taken: number }> {
    return requestJson({ ...this.base(coordinatorRoutes.submitEvidence, evidenceTakenSchema), body })
  }

  private get<T>(route: Route, schema: Schema<T>): Promise<T> {
    return requestJson(this.base(route, schema))
  }

  private base<T>(route: Route, schema: Schema<T>) {
    const { timeoutMs, fetch } = this.options
    return { baseUrl: this.url, route, schema, timeoutMs, fetch }
  }
}
