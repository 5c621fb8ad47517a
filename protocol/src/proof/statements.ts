import type { Address, Hex, TypedDataDomain } from 'viem'

/** Where a statement about a proof counts: one adapter or attester contract on one chain. */
export type ProofDomain = {
  chainId: number
  /** Address of the contract that checks the signature. */
  verifyingContract: Address
}

const domainOf = (name: string, { chainId, verifyingContract }: ProofDomain) =>
  ({ name, version: '1', chainId, verifyingContract }) as const satisfies TypedDataDomain

/** EIP-712 type of an AttestedResult. */
export const attestedResultTypes = {
  AttestedResult: [
    { name: 'taskInput', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
  ],
} as const

/** What an enclave says of its result. */
export type AttestedResult = { taskInput: Hex; outputHash: Hex }

/**
 * Typed data of an AttestedResult, signed by the enclave's key.
 * @param domain chain and address of the TeeKeyAdapter
 */
export const attestedResultTypedData = (domain: ProofDomain, result: AttestedResult) =>
  ({
    domain: domainOf('DuckMesh TeeKeyAdapter', domain),
    types: attestedResultTypes,
    primaryType: 'AttestedResult',
    message: result,
  }) as const

/** EIP-712 type of a KeyAttestation. */
export const keyAttestationTypes = {
  KeyAttestation: [
    { name: 'enclaveKey', type: 'address' },
    { name: 'measurement', type: 'bytes32' },
    { name: 'expiresAt', type: 'uint40' },
    { name: 'nonce', type: 'bytes32' },
    { name: 'quoteHash', type: 'bytes32' },
  ],
} as const

/** What an attester says of an enclave's quote that it checked. */
export type KeyAttestation = {
  enclaveKey: Address
  measurement: Hex
  /** Last unix second at which the key counts. */
  expiresAt: number
  /** Challenge of the TeeKeyRegistry for the provider. */
  nonce: Hex
  /** keccak256 of the raw quote. */
  quoteHash: Hex
}

/**
 * Typed data of a KeyAttestation, signed by an attester.
 * @param domain chain and address of the AttesterQuorum
 */
export const keyAttestationTypedData = (domain: ProofDomain, attestation: KeyAttestation) =>
  ({
    domain: domainOf('DuckMesh AttesterQuorum', domain),
    types: keyAttestationTypes,
    primaryType: 'KeyAttestation',
    message: attestation,
  }) as const

/** EIP-712 type of a ReferenceVerdict. */
export const referenceVerdictTypes = {
  ReferenceVerdict: [
    { name: 'taskInput', type: 'bytes32' },
    { name: 'outputHash', type: 'bytes32' },
    { name: 'matches', type: 'bool' },
    { name: 'scoreBps', type: 'uint16' },
  ],
} as const

/** What a validator says of a result that it compared with its reference answer. */
export type ReferenceVerdict = {
  taskInput: Hex
  outputHash: Hex
  matches: boolean
  /** How well it matches, in 1/10,000. */
  scoreBps: number
}

/**
 * Typed data of a ReferenceVerdict, signed by a validator.
 * @param domain chain and address of the ReferenceAdapter
 */
export const referenceVerdictTypedData = (domain: ProofDomain, verdict: ReferenceVerdict) =>
  ({
    domain: domainOf('DuckMesh ReferenceAdapter', domain),
    types: referenceVerdictTypes,
    primaryType: 'ReferenceVerdict',
    message: verdict,
  }) as const
