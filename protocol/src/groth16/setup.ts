import { isLocalChain } from '../localChain.ts'

/** How the key of a circuit was made: by one machine that could have kept the secrets, or by a public ceremony. */
export type Setup = 'dev-insecure' | 'ceremony'

/**
 * Whether a key may be registered on a chain. A contract cannot see who knows the secrets of a key, so whatever deploys
 * or lists keys must ask this first, with the `setup` of the circuit's manifest.
 * @example
 * setupFitsChain('dev-insecure', 1) // false: whoever ran the setup can prove anything
 */
export const setupFitsChain = (setup: Setup, chainId: number): boolean =>
  setup === 'ceremony' || isLocalChain(chainId)
