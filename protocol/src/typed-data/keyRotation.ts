import type { Address } from 'viem'
import type { ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a KeyRotation. */
export const keyRotationTypes = {
  KeyRotation: [
    { name: 'providerId', type: 'uint32' },
    { name: 'newKey', type: 'address' },
    { name: 'keyEpoch', type: 'uint16' },
  ],
} as const

/** Proof that whoever rotates to a signing key holds it. */
export type KeyRotation = {
  providerId: ProviderId
  newKey: Address
  /** The epoch that this rotation starts: the current one plus 1. */
  keyEpoch: number
}

/** Typed data of a KeyRotation, signed by the new key. */
export const keyRotationTypedData = (domain: MeshDomain, rotation: KeyRotation) =>
  ({
    domain: eip712Domain(domain),
    types: keyRotationTypes,
    primaryType: 'KeyRotation',
    message: rotation,
  }) as const
