import { authenticate, type JobEvent, jobIdOf, submitBodySchema } from '@duckmesh/protocol'
import { coordinatorInfo, testModel } from './coordinatorInfo.ts'
import { type PlayedJob, playRedundantJob, type SeatPlay } from './playRedundantJob.ts'
import { type Handler, type HttpStub, json, startHttpStub } from './startHttpStub.ts'
import type { TestMesh } from './startTestMesh.ts'

/** A coordinator that speaks the real schemas over HTTP and closes every job on the real contracts. */
export type TestCoordinator = HttpStub & {
  /** What the seats of the next jobs do. */
  plays: SeatPlay[]
  /** Whether the seats of the next jobs are paid at once. */
  isPayingAtOnce: boolean
  /** How often the result of a job that was paid at once is "on its way" before it is given. */
  deliveringPolls: number
  /** Jobs that were closed, to be changed by tests that lie about them. */
  jobs: Map<string, PlayedJob>
}

/** Server-sent events as the coordinator writes them. */
export const eventText = (event: JobEvent): string =>
  `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

/** Starts it on a free port. */
export async function startTestCoordinator(mesh: TestMesh): Promise<TestCoordinator> {
  const jobs = new Map<string, PlayedJob>()
  const stub = await startHttpStub({
    'GET /v1/coordinator': json(coordinatorInfo(mesh)),
    'GET /v1/models': json({ models: [testModel] }),
  })
  const coordinator: TestCoordinator = { ...stub, plays: [], isPayingAtOnce: false, deliveringPolls: 0, jobs }
  const refuse = (code: string, message: string, status: number): Handler =>
    json({ error: { code, message, details: {} } }, status)
  const jobOf = (url: string | undefined) => jobs.get(url?.split('/')[3] ?? '')

  stub.handlers['POST /v1/jobs'] = async (response, request, body) => {
    const submitted = submitBodySchema.parse(body)
    const jobId = jobIdOf(mesh.domain, submitted.order)
    if (jobs.has(jobId)) return json({ jobId, isNew: false })(response, request, body)
    const played = await playRedundantJob(mesh, submitted, coordinator.plays, coordinator.isPayingAtOnce)
    jobs.set(played.status.jobId, played)
    await json({ jobId: played.status.jobId, isNew: true }, 201)(response, request, body)
  }
  stub.handlers['GET /v1/jobs/*'] = async (response, request, body) => {
    const job = jobOf(request.url)
    const last = request.url?.split('/')[4]
    const missing = refuse('JOB_NOT_FOUND', 'no such job', 404)
    if (!job) return missing(response, request, body)
    if (last === undefined) return json(job.status)(response, request, body)
    if (last === 'events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(job.events.map(eventText).join(''))
      return
    }
    const now = Math.floor(Date.now() / 1000)
    const header = request.headers.authorization
    const account = await authenticate(mesh.domain, header, mesh.coordinator.address, now)
    const forbidden = refuse('FORBIDDEN', 'not yours', 403)
    if (account !== job.status.order.requester) return forbidden(response, request, body)
    const late = refuse('JOB_NOT_DONE', 'the answer is on its way', 409)
    return (coordinator.deliveringPolls-- > 0 ? late : json(job.answer))(response, request, body)
  }
  return coordinator
}
