/** Hardhat, and anvil with its default and with the product's own chain id. */
const LOCAL_CHAINS: ReadonlySet<number> = new Set([1337, 31_337])

/** Whether a chain runs on one machine, for development: nothing is at stake there, and nothing is ever reorganised. */
export const isLocalChain = (chainId: number): boolean => LOCAL_CHAINS.has(chainId)
