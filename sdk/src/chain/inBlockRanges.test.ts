import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BlockRange, inBlockRanges } from './inBlockRanges.ts'

describe('inBlockRanges', () => {
  it('default: one query when the service answers it', async () => {
    const ranges: BlockRange[] = []
    const read = async (range: BlockRange) => {
      ranges.push(range)
      return ['log']
    }
    assert.deepEqual(await inBlockRanges(0n, 10_000n, read), ['log'])
    assert.deepEqual(ranges, [{ fromBlock: 0n, toBlock: 10_000n }])
  })

  it('behavior: a service with a limit is asked in pieces that cover every block once, in order', async () => {
    const blocks: bigint[] = []
    await inBlockRanges(7n, 2_006n, async ({ fromBlock, toBlock }) => {
      if (toBlock - fromBlock >= 300n) throw new Error('range too large')
      for (let block = fromBlock; block <= toBlock; block++) blocks.push(block)
      return []
    })
    assert.deepEqual(
      blocks,
      Array.from({ length: 2_000 }, (_, index) => 7n + BigInt(index)),
    )
  })

  it('behavior: no blocks, no query', async () => {
    const never = () => Promise.reject(new Error('asked'))
    assert.deepEqual(await inBlockRanges(5n, 4n, never), [])
  })

  it('error: a service that fails for small ranges too is an error after few queries', async () => {
    let queries = 0
    const read = async () => {
      queries += 1
      throw new Error('down')
    }
    await assert.rejects(inBlockRanges(0n, 1_000_000n, read), { message: 'down' })
    assert.ok(queries < 20)
  })
})
