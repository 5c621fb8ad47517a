import { isLocalChain } from '@duckmesh/protocol'

/**
 * Blocks that must follow a transfer before it counts, where the operator says nothing else. On Ethereum no
 * reorganisation since the change to proof of stake was as deep as 12 blocks, which take 2.4 minutes; whoever takes sums
 * that an attack on the chain itself would be worth sets 64, after which blocks are final (about 13 minutes).
 * @example defaultConfirmations(31337) // 0
 */
export const defaultConfirmations = (chainId: number): number => (isLocalChain(chainId) ? 0 : 12)
