import { EventEmitter } from 'node:events'

/**
 * Bells between the parts of one process: `job:<id>` when a job changed, `node:<id>` when a node has work, `due`
 * when a job wants attention. A bell only saves waiting: whoever listens also looks at the store by the clock.
 */
export type Wakes = {
  ring(bell: string): void
  /** Resolves when the bell rings, after `timeoutMs`, or when the signal aborts. */
  wait(bell: string, timeoutMs: number, signal?: AbortSignal): Promise<void>
}

/** Bells over one event emitter. */
export function createWakes(): Wakes {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  return {
    ring: (bell) => void emitter.emit(bell),
    wait: (bell, timeoutMs, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          emitter.off(bell, done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, timeoutMs)
        emitter.once(bell, done)
        if (signal?.aborted) done()
        else signal?.addEventListener('abort', done)
      }),
  }
}
