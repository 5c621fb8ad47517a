import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { FetchAnswer, FetchInit } from '../ports/fetch.ts'
import { undiciFetch } from './undiciFetch.ts'

let server: Server
const sockets = new Set<Socket>()
afterEach(() => {
  server.close()
  server.closeAllConnections()
  sockets.clear()
})

/** A server with this listener. @returns its URL */
async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const post = (changes: Partial<FetchInit> = {}): FetchInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"bird":"duck 🦆"}',
  redirect: 'error',
  signal: new AbortController().signal,
  ...changes,
})

async function textOf({ body }: FetchAnswer): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body ?? []) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

const echo: RequestListener = async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  response.setHeader('x-method', request.method!)
  response.end(Buffer.concat(parts))
}

test('sends method, headers and body, and gives status, headers and body', async () => {
  const url = await serve(echo)
  const answer = await undiciFetch(url, post())
  assert.deepEqual([answer.ok, answer.status], [true, 200])
  assert.equal(answer.headers.get('X-Method'), 'POST')
  assert.equal(answer.headers.get('x-nothing'), null)
  assert.equal(await textOf(answer), '{"bird":"duck 🦆"}')
  const { body: _body, ...get } = post({ method: 'GET' })
  assert.equal(await textOf(await undiciFetch(url, get)), '')
})

test('a connection that was read to its end is used again', async () => {
  const url = await serve(echo)
  for (let count = 0; count < 5; count++) {
    await textOf(await undiciFetch(url, post()))
    await setImmediate() // it is free a moment after its end
  }
  assert.equal(sockets.size, 1)
})

test('the signal of an exchange that is over does not touch the one that has its connection now', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 50)
    else response.end('quick')
  })
  const first = new AbortController()
  await textOf(await undiciFetch(url, post({ signal: first.signal })))
  await setImmediate()
  const second = undiciFetch(`${url}slow`, post())
  first.abort()
  assert.equal(await textOf(await second), 'slow')
  assert.equal(sockets.size, 1)
})

test('a connection that the server drops is an error, and nothing is sent twice', async () => {
  let calls = 0
  const url = await serve((request) => {
    calls += 1
    request.socket.resetAndDestroy()
  })
  await assert.rejects(undiciFetch(url, post()))
  assert.equal(calls, 1)
})

test('what points elsewhere, and what fails, is an answer and is not followed', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end('moved')
  })
  const answer = await undiciFetch(url, post())
  assert.deepEqual([answer.ok, answer.status, await textOf(answer)], [false, 302, 'moved'])
})

test('an abort ends the exchange before the answer, and in the middle of the body', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/never') return
    response.write('first')
  })
  const before = new AbortController()
  const never = undiciFetch(`${url}never`, post({ signal: before.signal }))
  setTimeout(() => before.abort(), 20)
  await assert.rejects(never, { name: 'AbortError' })
  const middle = new AbortController()
  const { body } = await undiciFetch(url, post({ signal: middle.signal }))
  const reader = body![Symbol.asyncIterator]()
  assert.equal(Buffer.from((await reader.next()).value as Uint8Array).toString(), 'first')
  const next = reader.next()
  middle.abort()
  await assert.rejects(next)
  const already = undiciFetch(url, post({ signal: AbortSignal.abort() }))
  await assert.rejects(already, { name: 'AbortError' })
})

test('a body that is cut is an error, not an end', async () => {
  const url = await serve((request, response) => {
    response.write('half of it', () => request.socket.destroy())
  })
  await assert.rejects(async () => textOf(await undiciFetch(url, post())))
})

test('an address where nobody listens is an error', async () => {
  const url = await serve(echo)
  await textOf(await undiciFetch(url, post()))
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  await assert.rejects(undiciFetch(url, post()))
})
