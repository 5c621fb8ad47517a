import { chainError, duckTokenAbi } from '@duckmesh/protocol'
import { type Address, isAddressEqual, zeroAddress } from 'viem'
import { inBlockRanges } from '../../chain/inBlockRanges.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** What the Transfer events of the token say. */
export type TokenHolders = {
  /** Everybody who ever received DUCK, without DuckMesh and the zero address. */
  holders: Address[]
  /** All that was sent to the zero address, DUCK wei. */
  burnedWei: bigint
  /** All that was ever sent to DuckMesh, DUCK wei. */
  toMeshWei: bigint
}

/**
 * Reads every Transfer of DUCK up to a block.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function readTokenHolders(context: ClientContext, toBlock: bigint): Promise<TokenHolders> {
  const { publicClient, domain, token } = context
  const event = { address: token, abi: duckTokenAbi, eventName: 'Transfer', strict: true } as const
  try {
    // the token is older than DuckMesh, so the client's first block would miss the minting
    const logs = await inBlockRanges(0n, toBlock, (range) =>
      publicClient.getContractEvents({ ...event, ...range }),
    )
    const receivers = new Set(logs.map(({ args }) => args.to))
    const sentTo = (to: Address) =>
      logs.reduce((sum, { args }) => (isAddressEqual(args.to, to) ? sum + args.value : sum), 0n)
    const isNoWallet = (to: Address) =>
      isAddressEqual(to, zeroAddress) || isAddressEqual(to, domain.verifyingContract)
    return {
      holders: [...receivers].filter((to) => !isNoWallet(to)),
      burnedWei: sentTo(zeroAddress),
      toMeshWei: sentTo(domain.verifyingContract),
    }
  } catch (thrown) {
    throw chainError(thrown, 'reading Transfer events')
  }
}
