import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { DuckMeshError, type JobEvent, type JobEventType } from '@duckmesh/protocol'
import { type HttpStub, json, startHttpStub } from '../../test/startHttpStub.ts'
import { eventText } from '../../test/startTestCoordinator.ts'
import { type JobEventsParameters, jobEvents } from './events.ts'

const jobId = `0x${'11'.repeat(32)}` as const
const path = `GET /v1/jobs/${jobId}/events`
const event = (seq: number, type: JobEventType): JobEvent => ({ seq, type, atMs: seq, data: {} })
const open = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' })

describe('jobEvents', () => {
  let stub: HttpStub

  before(async () => {
    stub = await startHttpStub()
  })
  after(() => stub.stop())

  const follow = async (options: Partial<JobEventsParameters> = {}) => {
    const seen: string[] = []
    const fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init)
    for await (const { seq, type } of jobEvents({ baseUrl: stub.url, jobId, fetch, ...options })) {
      seen.push(`${seq} ${type}`)
    }
    return seen
  }

  it('default: gives the events in order and ends after the last one of the job', async () => {
    stub.handlers[path] = (response) => {
      open(response).write(
        [event(1, 'received'), event(2, 'assigned'), event(3, 'settled')].map(eventText).join(''),
      )
    }
    assert.deepEqual(await follow(), ['1 received', '2 assigned', '3 settled'])
  })

  it('behavior: resumes after a cut with Last-Event-ID and gives no event twice', async () => {
    const resumedFrom: unknown[] = []
    stub.handlers[path] = (response, request) => {
      resumedFrom.push(request.headers['last-event-id'])
      open(response)
      if (resumedFrom.length === 1) {
        // the second event is cut in its middle
        response.write(eventText(event(1, 'received')) + eventText(event(2, 'assigned')).slice(0, 30), () =>
          response.destroy(),
        )
      } else {
        response.end(
          [event(1, 'received'), event(2, 'assigned'), event(3, 'settled')].map(eventText).join(''),
        )
      }
    }
    assert.deepEqual(await follow(), ['1 received', '2 assigned', '3 settled'])
    assert.deepEqual(resumedFrom, [undefined, '1'])
  })

  it('behavior: a connection without a byte counts as cut', async () => {
    let connections = 0
    stub.handlers[path] = (response) => {
      connections += 1
      open(response).flushHeaders()
      if (connections > 1) response.end(eventText(event(1, 'settled')))
    }
    assert.deepEqual(await follow({ silenceMs: 150 }), ['1 settled'])
    assert.equal(connections, 2)
  })

  it('behavior: a slow server that sends keep-alive comments is waited for', async () => {
    let connections = 0
    stub.handlers[path] = (response) => {
      connections += 1
      open(response).write(': hello\n\n')
      let comments = 0
      const timer = setInterval(() => {
        comments += 1
        if (comments < 6) response.write(': still here\n\n')
        else {
          clearInterval(timer)
          response.end(eventText(event(1, 'settled')))
        }
      }, 60)
    }
    assert.deepEqual(await follow({ silenceMs: 200, giveUpAfterMs: 300 }), ['1 settled'])
    assert.equal(connections, 1)
  })

  it('behavior: one event in many small pieces is put together, characters of several bytes too', async () => {
    stub.handlers[path] = async (response) => {
      open(response)
      const bytes = Buffer.from(eventText({ ...event(1, 'settled'), data: { note: 'größer 🦆' } }))
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7))
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      response.end()
    }
    const fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init)
    const notes: unknown[] = []
    for await (const { data } of jobEvents({ baseUrl: stub.url, jobId, fetch })) notes.push(data.note)
    assert.deepEqual(notes, ['größer 🦆'])
  })

  it('behavior: an event type of a newer coordinator is passed over', async () => {
    stub.handlers[path] = (response) => {
      const newer = { ...event(1, 'received'), type: 'quacked' as JobEventType }
      open(response).end(eventText(newer) + eventText(event(2, 'settled')))
    }
    assert.deepEqual(await follow(), ['2 settled'])
  })

  it('behavior: ends when the job was over before and nothing more comes', async () => {
    stub.handlers[path] = (response) => void open(response).end()
    assert.deepEqual(await follow({ afterSeq: 9, isOver: async () => true }), [])
  })

  it('error: gives up with SERVICE_UNAVAILABLE and the URL when the server stays away', async () => {
    const gone = await startHttpStub()
    await gone.stop()
    const started = performance.now()
    await assert.rejects(follow({ baseUrl: gone.url, giveUpAfterMs: 500 }), (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, 'SERVICE_UNAVAILABLE')
      assert.equal(error.details.url, `${gone.url}/v1/jobs/${jobId}/events`)
      return true
    })
    assert.ok(performance.now() - started < 2_000)
  })

  const garbage: [string, string][] = [
    ['data that is not JSON', 'data: quack\n\n'],
    ['an event without a number', 'data: {"type":"received","atMs":1,"data":{}}\n\n'],
    ['JSON that is not an object', 'data: 7\n\n'],
    ['an event without end', `data: ${'x'.repeat(1_100_000)}`],
  ]
  for (const [what, text] of garbage) {
    it(`error: ${what} is UPSTREAM_ERROR`, async () => {
      stub.handlers[path] = (response) => void open(response).write(text)
      await assert.rejects(follow({ giveUpAfterMs: 3_000 }), { code: 'UPSTREAM_ERROR' })
    })
  }

  it('error: an answer that is no event stream is UPSTREAM_ERROR', async () => {
    stub.handlers[path] = json({ hello: 'world' })
    await assert.rejects(follow(), { code: 'UPSTREAM_ERROR' })
  })

  it('error: what the coordinator refuses with is given at once', async () => {
    stub.handlers[path] = json({ error: { code: 'JOB_NOT_FOUND', message: 'no', details: {} } }, 404)
    await assert.rejects(follow(), { code: 'JOB_NOT_FOUND' })
  })

  it('error: an abort ends the wait with CANCELLED and closes the connection', async () => {
    const closed = new Promise<void>((resolve) => {
      stub.handlers[path] = (response) => {
        open(response).write(eventText(event(1, 'received')))
        response.on('close', resolve)
      }
    })
    await assert.rejects(follow({ signal: AbortSignal.timeout(100) }), { code: 'CANCELLED' })
    await closed
  })

  it('behavior: leaving the loop early closes the connection', async () => {
    const closed = new Promise<void>((resolve) => {
      stub.handlers[path] = (response) => {
        open(response).write(eventText(event(1, 'received')))
        response.on('close', resolve)
      }
    })
    const fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init)
    for await (const _event of jobEvents({ baseUrl: stub.url, jobId, fetch })) break
    await closed
  })
})
