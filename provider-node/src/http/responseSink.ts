import type { Response } from 'express'
import type { EventSink } from '../streaming/sink.ts'

/** A client that takes nothing for so long is gone, ms. */
const STALL_MS = 30_000
/** Comment lines keep proxies from closing a quiet connection, ms. */
const PULSE_MS = 10_000

/**
 * Server-sent events over an HTTP response. Source: HTML Living Standard, section 9.2.
 * The caller waits for each event, so a slow client slows its own stream and holds no memory.
 */
export function responseSink(response: Response): EventSink {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  }) // leaves with the first event, which comes at once
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  const pulse = setInterval(() => {
    if (!response.writableNeedDrain) response.write(':\n\n')
  }, PULSE_MS)
  response.once('close', () => {
    clearInterval(pulse)
    resolve()
  })
  return {
    closed,
    close: () => void response.end(),
    end: (name, data) => {
      if (response.destroyed || response.writableEnded) return
      response.end(eventText(name, data))
      // what is still in the buffer may go out, but not for ever
      setTimeout(() => response.destroy(), STALL_MS).unref()
    },
    send: async (name, data) => {
      if (response.destroyed || response.writableEnded) return false
      if (response.write(eventText(name, data))) return true
      await drained(response)
      return !response.destroyed
    },
  }
}

const eventText = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`

/** Resolves when there is room again, or the client is gone; one that takes nothing for too long is cut off. */
async function drained(response: Response): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = () => resolve()
  const stalled = setTimeout(() => response.destroy(), STALL_MS)
  response.once('drain', done)
  response.once('close', done)
  await promise
  clearTimeout(stalled)
  response.off('drain', done)
  response.off('close', done)
}
