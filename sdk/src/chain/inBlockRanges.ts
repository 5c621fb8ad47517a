/** First and last block of a query, both included. */
export type BlockRange = { fromBlock: bigint; toBlock: bigint }

const SMALLEST_RANGE_BLOCKS = 100n

/**
 * Reads logs over any number of blocks. RPC services limit the blocks or logs of one query, each in its own way and
 * words, so a query that fails is cut in halves until it is small; an error of a small one is real.
 * @param read one query
 * @returns logs of all ranges in order
 */
export async function inBlockRanges<T>(
  fromBlock: bigint,
  toBlock: bigint,
  read: (range: BlockRange) => Promise<readonly T[]>,
): Promise<T[]> {
  if (fromBlock > toBlock) return []
  try {
    return [...(await read({ fromBlock, toBlock }))]
  } catch (thrown) {
    if (toBlock - fromBlock < SMALLEST_RANGE_BLOCKS) throw thrown
    const middle = (fromBlock + toBlock) / 2n
    const first = await inBlockRanges(fromBlock, middle, read)
    return [...first, ...(await inBlockRanges(middle + 1n, toBlock, read))]
  }
}
