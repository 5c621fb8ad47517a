import type { Hex } from 'viem'

/** EIP-712 digest of an Order: the name of a job on chain and off. */
export type JobId = Hex

/** Number of a staked provider, from 1 (uint32 on chain). */
export type ProviderId = number
