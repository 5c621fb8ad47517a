import { chainError } from '@duckmesh/protocol'
import type { ClientContext } from '../clients/clientContext.ts'

/**
 * Unix seconds that the next block will have at least: the later of the last block and this machine's clock. The last
 * block alone may be hours old on a quiet development chain, and the clock alone is wrong when that chain was advanced.
 */
export async function chainNowSeconds({ publicClient }: ClientContext): Promise<number> {
  try {
    const block = await publicClient.getBlock()
    return Math.max(Number(block.timestamp), Math.floor(Date.now() / 1000))
  } catch (thrown) {
    throw chainError(thrown, 'getBlock')
  }
}
