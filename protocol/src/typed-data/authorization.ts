import type { Address, Hex } from 'viem'

/** Fields of both ERC-3009 types. */
const fields = [
  { name: 'from', type: 'address' },
  { name: 'to', type: 'address' },
  { name: 'value', type: 'uint256' },
  { name: 'validAfter', type: 'uint256' },
  { name: 'validBefore', type: 'uint256' },
  { name: 'nonce', type: 'bytes32' },
] as const

/** A signed transfer of DUCK that somebody else brings to the chain. Source: ERC-3009. */
export type Authorization = {
  from: Address
  to: Address
  /** DUCK wei. */
  value: bigint
  /** Unix seconds: good after the one and before the other. */
  validAfter: bigint
  validBefore: bigint
  /** Random, never used before by `from`: nothing moves twice. */
  nonce: Hex
}

/**
 * Typed data of an ERC-3009 authorization.
 * @param kind `ReceiveWithAuthorization` can be brought by `to` alone, `TransferWithAuthorization` by anybody
 * @param domain EIP-712 domain of the token, as its `eip712Domain()` tells
 */
export const authorizationTypedData = (
  kind: 'ReceiveWithAuthorization' | 'TransferWithAuthorization',
  domain: { name: string; version: string; chainId: number; verifyingContract: Address },
  authorization: Authorization,
) => ({ domain, types: { [kind]: fields }, primaryType: kind, message: authorization })
