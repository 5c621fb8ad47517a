/**
 * Maps a list with a limited number of calls at once, so that a long list does not flood an RPC endpoint.
 * @param size calls at once
 * @returns results in the order of the list
 */
export async function inBatches<T, R>(
  items: readonly T[],
  call: (item: T) => Promise<R>,
  size = 100,
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(call))))
  }
  return results
}
