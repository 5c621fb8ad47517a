/** Runs asynchronous calls one after the other, in the order in which they came. */
export type SerialQueue = <T>(call: () => Promise<T>) => Promise<T>

/** Creates a queue; a call that fails does not stop the ones behind it. */
export function createSerialQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    const result = last.then(call)
    last = result.catch(() => undefined) // the error belongs to the caller of that call alone
    return result
  }
}
