import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { coordinatorRoutes, DuckMeshError, modelsSchema } from '@duckmesh/protocol'
import { type Handler, type HttpStub, json, startHttpStub } from '../../test/startHttpStub.ts'
import { requestJson } from './requestJson.ts'

describe('requestJson', () => {
  let stub: HttpStub

  before(async () => {
    stub = await startHttpStub()
  })
  after(() => stub.stop())

  const call = (
    handler: Handler,
    options: { baseUrl?: string; timeoutMs?: number; signal?: AbortSignal } = {},
  ) => {
    stub.handlers['GET /v1/models'] = handler
    return requestJson({
      baseUrl: stub.url,
      route: coordinatorRoutes.models,
      schema: modelsSchema,
      timeoutMs: 2_000,
      fetch: (url, init) => globalThis.fetch(url, init),
      ...options,
    })
  }
  const rejects = (promise: Promise<unknown>, code: string, details: Record<string, unknown> = {}) =>
    assert.rejects(promise, (error) => {
      assert.ok(error instanceof DuckMeshError)
      assert.equal(error.code, code)
      for (const [name, value] of Object.entries(details)) assert.equal(error.details[name], value)
      return true
    })

  it('default: gives the parsed answer', async () => {
    assert.deepEqual(await call(json({ models: [] })), { models: [] })
  })

  it('behavior: a base URL may end in a slash', async () => {
    assert.deepEqual(await call(json({ models: [] }), { baseUrl: `${stub.url}/` }), { models: [] })
  })

  it('error: the error of the service comes through with code, message and details', async () => {
    const error = { code: 'NO_PROVIDERS', message: 'nobody', details: { skipped: 'all' } }
    await rejects(call(json({ error }, 503)), 'NO_PROVIDERS', { skipped: 'all', status: 503 })
  })

  it('error: a code of a newer service becomes UPSTREAM_ERROR and keeps the foreign code', async () => {
    const error = { code: 'QUACKED', message: 'quack', details: {} }
    await rejects(call(json({ error }, 400)), 'UPSTREAM_ERROR', { upstreamCode: 'QUACKED' })
  })

  it('error: an HTML error page is SERVICE_UNAVAILABLE for 503 and UPSTREAM_ERROR for 500', async () => {
    const page =
      (status: number): Handler =>
      (response) =>
        void response.writeHead(status).end('<html>')
    await rejects(call(page(503)), 'SERVICE_UNAVAILABLE', { status: 503 })
    await rejects(call(page(500)), 'UPSTREAM_ERROR', { status: 500 })
  })

  it('error: an answer that is not what the schema says is UPSTREAM_ERROR', async () => {
    await rejects(call(json({ models: 'many' })), 'UPSTREAM_ERROR', { status: 200 })
    await rejects(
      call((response) => void response.end('quack')),
      'UPSTREAM_ERROR',
      { start: 'quack' },
    )
  })

  it('error: a service that is too slow is SERVICE_UNAVAILABLE with its URL', async () => {
    const url = `${stub.url}/v1/models`
    await rejects(
      call(() => undefined, { timeoutMs: 100 }),
      'SERVICE_UNAVAILABLE',
      { url },
    )
  })

  it('error: an answer that stops in its middle is SERVICE_UNAVAILABLE', async () => {
    const half: Handler = (response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"models"', () => response.destroy())
    }
    await rejects(call(half), 'SERVICE_UNAVAILABLE')
  })

  it('error: a port without listener is SERVICE_UNAVAILABLE with its URL', async () => {
    const gone = await startHttpStub()
    await gone.stop()
    const url = `${gone.url}/v1/models`
    await rejects(call(json({}), { baseUrl: gone.url }), 'SERVICE_UNAVAILABLE', { url })
  })

  it('error: an abort by the caller is CANCELLED', async () => {
    await rejects(
      call(() => undefined, { signal: AbortSignal.timeout(50) }),
      'CANCELLED',
    )
  })

  it('error: a base that is not an http URL is BAD_CONFIG', async () => {
    await rejects(call(json({}), { baseUrl: 'localhost:1' }), 'BAD_CONFIG', { url: 'localhost:1' })
    await rejects(call(json({}), { baseUrl: 'quack' }), 'BAD_CONFIG')
  })
})
