import type { Response } from 'express'

/** Why a request was ended before its answer was. */
export type EndedBy = 'client' | 'slow reader' | 'stop' | 'time'

/** The life of one request, over which nothing of it may go on. */
export type RequestLife = {
  signal: AbortSignal
  /** What ended it early; undefined while it lives. */
  endedBy: EndedBy | undefined
  end(by: EndedBy): void
  /** Lets go of everything, when the answer is complete. */
  done(): void
}

/**
 * Begins the life of a request: it ends when the client goes away, when the gateway stops, or after
 * `requestMs`.
 */
export function beginLife(response: Response, stopping: AbortSignal, requestMs: number): RequestLife {
  const controller = new AbortController()
  const life: RequestLife = {
    signal: controller.signal,
    endedBy: undefined,
    end: (by) => {
      if (controller.signal.aborted) return
      life.endedBy = by
      controller.abort()
    },
    done: () => {
      clearTimeout(timer)
      response.off('close', onClose)
      stopping.removeEventListener('abort', onStop)
    },
  }
  const onClose = () => life.end('client')
  const onStop = () => life.end('stop')
  const timer = setTimeout(() => life.end('time'), requestMs)
  response.on('close', onClose)
  stopping.addEventListener('abort', onStop)
  if (stopping.aborted) onStop()
  if (response.destroyed) onClose()
  return life
}
