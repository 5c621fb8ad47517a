import { formatUnits, parseUnits } from 'viem'

/** Decimals of DUCK: 1 DUCK = 10^18 wei. */
export const DUCK_DECIMALS = 18

/** Whole supply of DUCK in wei, minted once. */
export const DUCK_SUPPLY_WEI = 10n ** 27n

/**
 * Parses an amount of DUCK as people write it.
 * @param duck decimal string, e.g. `'1.5'`
 * @returns amount in wei
 * @example parseDuck('1.5') // 1500000000000000000n
 */
export const parseDuck = (duck: string): bigint => parseUnits(duck, DUCK_DECIMALS)

/**
 * Formats an amount for people.
 * @param wei amount in wei
 * @example formatDuck(1500000000000000000n) // '1.5'
 */
export const formatDuck = (wei: bigint): string => formatUnits(wei, DUCK_DECIMALS)
