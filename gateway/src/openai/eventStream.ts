import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Response } from 'express'
import type { Times } from '../gateway.ts'
import type { RequestLife } from './requestLife.ts'

/** An open stream of server-sent events. */
export type EventStream = {
  /** Sends one event; resolves when the client is ready for the next, or is gone. */
  send(data: unknown): Promise<void>
  /** Sends the last events and ends the stream, in one piece; with `[DONE]` when the answer is whole. */
  end(isWhole: boolean, last: unknown[]): void
}

/**
 * Opens the stream. At most one event waits for the client at a time, so a slow reader slows the provider down and fills
 * no memory here; one that does not read at all is given up. Source: WHATWG HTML, "Server-sent events".
 */
export function openEventStream(
  response: Response,
  life: RequestLife,
  { keepAliveMs, stallMs }: Times,
): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }) // leaves with the first event: the stream is opened when there is one
  const keepAlive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n')
  }, keepAliveMs)
  response.once('close', () => clearInterval(keepAlive))
  return {
    send: async (data) => {
      if (response.destroyed || response.write(eventText(data))) return
      if (!(await isDrained(response, stallMs))) life.end('slow reader')
    },
    end: (isWhole, last) => {
      clearInterval(keepAlive)
      if (life.endedBy === 'slow reader') response.destroy()
      else response.end(`${last.map(eventText).join('')}${isWhole ? 'data: [DONE]\n\n' : ''}`)
    },
  }
}

const eventText = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`

async function isDrained(response: Response, stallMs: number): Promise<boolean> {
  const waiting = new AbortController()
  const { signal } = waiting
  const ended = (promise: Promise<unknown>, value: boolean) =>
    promise.then(
      () => value,
      () => value,
    )
  const isReady = await Promise.race([
    ended(once(response, 'drain', { signal }), true),
    ended(once(response, 'close', { signal }), true),
    ended(sleep(stallMs, undefined, { signal }), false),
  ])
  waiting.abort()
  return isReady
}
