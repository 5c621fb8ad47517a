import type { Hex } from 'viem'

/**
 * The part of an output hash that the contract keeps of a submitted result and compares in a dispute: its high 168
 * bits. Source: `JobWord.outputTagOf`.
 */
export const outputTag = (outputHash: Hex): Hex => `0x${outputHash.slice(2, 2 + 168 / 4)}`
