import { DuckMeshError } from '@duckmesh/protocol'

/** When and how often to try again. */
export type RetryParameters = {
  /** Tries in all. @default 4 */
  attempts?: number
  /** Delay before the second try, milliseconds; doubles each time. @default 250 */
  firstDelayMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Repeats a call that failed with a retryable error. Only for calls that may safely reach the other side twice.
 * @throws DuckMeshError the last error
 */
export async function retry<T>(call: () => Promise<T>, parameters: RetryParameters = {}): Promise<T> {
  const { attempts = 4, firstDelayMs = 250, signal } = parameters
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (thrown) {
      const error = DuckMeshError.from(thrown)
      if (!isTransient(error) || attempt >= attempts) throw error
      await sleep(firstDelayMs * 2 ** (attempt - 1), signal)
    }
  }
}

/** Whether an error means "the service or the way to it is down now", so that the same call may soon succeed. */
export const isTransient = (error: DuckMeshError): boolean =>
  error.code === 'SERVICE_UNAVAILABLE' ||
  error.code === 'STORE_UNAVAILABLE' ||
  error.code === 'CHAIN_UNAVAILABLE' ||
  error.code === 'RATE_LIMITED'

/**
 * Waits.
 * @param ms milliseconds
 * @throws DuckMeshError `CANCELLED` as soon as the signal is aborted
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => {
      clearTimeout(timer)
      reject(new DuckMeshError('CANCELLED', 'The wait was cancelled.'))
    }
    if (signal?.aborted) return reject(new DuckMeshError('CANCELLED', 'The wait was cancelled.'))
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel)
      resolve()
    }, ms)
    signal?.addEventListener('abort', cancel, { once: true })
  })
}
