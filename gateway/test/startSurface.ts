import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import express from 'express'
import type { Gateway } from '../src/gateway.ts'
import { createOpenAiRouter } from '../src/openai/router.ts'

/** Serves the OpenAI surface of a gateway on a port of its own. */
export async function startSurface(gateway: Pick<Gateway, 'buyer'> & Partial<Gateway>) {
  const errors: Error[] = []
  const stopping = new AbortController()
  const whole: Gateway = {
    defaults: { verify: 'signed', privacy: 'open', route: 'direct' },
    admit: async () => ({}),
    nowMs: () => 1_700_000_000_000,
    randomBelow: (below) => below - 1,
    onError: (error) => errors.push(error),
    stopping: stopping.signal,
    ...gateway,
  }
  const server = express().use('/v1', createOpenAiRouter(whole)).listen(0, '127.0.0.1')
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal ? { signal } : {}),
    })
  return {
    url,
    errors,
    stopping,
    /** The gateway's ends of all connections. */
    sockets,
    post,
    /** Posts and reads the JSON answer. */
    json: async (path: string, body: unknown, headers: Record<string, string> = {}) => {
      const response = await post(path, body, headers)
      // biome-ignore lint/suspicious/noExplicitAny: the test asserts what is in it
      return { status: response.status, headers: response.headers, body: (await response.json()) as any }
    },
    /** Posts and reads the events of the streamed answer. */
    events: async (path: string, body: Record<string, unknown>) => {
      const response = await post(path, { ...body, stream: true })
      const lines = (await response.text()).split('\n\n').filter((line) => line.startsWith('data: '))
      const data = lines.map((line) => line.slice('data: '.length))
      const isDone = data.at(-1) === '[DONE]'
      // biome-ignore lint/suspicious/noExplicitAny: the test asserts what is in it
      const parsed = (isDone ? data.slice(0, -1) : data).map((text) => JSON.parse(text) as any)
      return { response, isDone, events: parsed }
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Surface = Awaited<ReturnType<typeof startSurface>>
