import type { Address, Hex, TypedDataDomain } from 'viem'

/** Where a signed statement counts: one DuckMesh contract on one chain. */
export type MeshDomain = {
  chainId: number
  /** Address of the DuckMesh contract. */
  verifyingContract: Address
}

/**
 * EIP-712 domain of every DuckMesh statement. Source: EIP-712, "Definition of domainSeparator".
 * @param domain chain id and address of DuckMesh
 */
export const eip712Domain = ({ chainId, verifyingContract }: MeshDomain) =>
  ({ name: 'DuckMesh', version: '1', chainId, verifyingContract }) as const satisfies TypedDataDomain

/** A statement with its signature. */
export type Signed<T> = T & { signature: Hex }
