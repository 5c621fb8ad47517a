import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until something is so.
 * @param what for the error
 * @param look tells what is sought, or something falsy while it is not there
 */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > endMs) throw new Error(`Not within ${timeoutMs} ms: ${what}.`)
    await sleep(50)
  }
}
