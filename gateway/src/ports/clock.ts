/** Time as an argument, so that tests can hold it. */
export type Clock = {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Resolves after `ms`, or at once when `signal` fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
