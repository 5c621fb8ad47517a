/**
 * Makes a queue that runs one task after another: the transactions of an account have one sequence of nonces.
 * A task that fails does not hold up the next.
 */
export function inTurn(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const next = last.then(task, task)
    last = next
    return next
  }
}
