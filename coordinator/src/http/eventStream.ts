import { DuckMeshError, isTerminal, type JobId } from '@duckmesh/protocol'
import type { Container } from '../container.ts'
import type { Call } from './mount.ts'

/** A comment goes out at least this often, ms, so that proxies keep the stream open and dead clients are noticed. */
const KEEP_ALIVE_MS = 10_000
/** How often the store is looked at for events that another process wrote, ms. */
const POLL_MS = 1_000

/**
 * Streams the events of a job until it has ended or the client goes away. Source: WHATWG HTML, "Server-sent events".
 * @param afterSeq last event that the client has
 */
export async function streamEvents(
  container: Container,
  jobId: JobId,
  afterSeq: number,
  { response, signal }: Call,
): Promise<void> {
  const { store, wakes } = container
  if (!(await store.job(jobId))) throw new DuckMeshError('JOB_NOT_FOUND', `There is no job ${jobId}.`)
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  let last = afterSeq
  let quietSinceMs = Date.now()
  while (!signal.aborted) {
    const rung = wakes.wait(`job:${jobId}`, POLL_MS, signal)
    // the state is read before the events: an ended job has written its last event already
    const job = await store.job(jobId)
    const events = await store.events(jobId, last)
    for (const event of events) {
      last = event.seq
      response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    }
    if (events.length > 0) quietSinceMs = Date.now()
    else if (!job || isTerminal(job.state)) break
    else if (Date.now() - quietSinceMs > KEEP_ALIVE_MS) {
      response.write(': still here\n\n')
      quietSinceMs = Date.now()
    }
    if (events.length === 0) await rung
  }
  response.end()
}
