import { type Address, type Hex, isAddressEqual } from 'viem'
import { z } from 'zod'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { ProviderId } from '../ids.ts'
import { bytes32Schema, signatureSchema, unixSecondsSchema } from '../schemas/primitives.ts'
import { eip712Domain, type MeshDomain } from '../typed-data/domain.ts'
import { recover } from '../typed-data/recover.ts'

/** EIP-712 type of a SealKey. */
export const sealKeyTypes = {
  SealKey: [
    { name: 'providerId', type: 'uint32' },
    { name: 'publicKey', type: 'bytes32' },
    { name: 'validUntil', type: 'uint40' },
  ],
} as const

/** A provider's statement of the key that requests to it are sealed to. */
export type SealKey = {
  providerId: ProviderId
  /** X25519 public key, 32 bytes. */
  publicKey: Hex
  /** Last unix second in which a buyer may seal to it; the provider forgets the private key soon after. */
  validUntil: number
}

/** Typed data of a SealKey, signed by the provider's signing key. */
export const sealKeyTypedData = (domain: MeshDomain, sealKey: SealKey) =>
  ({ domain: eip712Domain(domain), types: sealKeyTypes, primaryType: 'SealKey', message: sealKey }) as const

/** Wire form of a SealKey inside an announcement, which names the provider. */
export const signedSealKeySchema = z.strictObject({
  publicKey: bytes32Schema,
  validUntil: unixSecondsSchema,
  signature: signatureSchema,
})
export type SignedSealKey = z.output<typeof signedSealKeySchema>

/** Longest life of a seal key, seconds: with an older one too much could be read by whoever steals it. */
export const MAX_SEAL_KEY_SECONDS = 7 * 86_400

/**
 * Checks a seal key before anything is sealed to it. Whoever passes it on, a coordinator above all, could have put its
 * own there: only the signature of the key that the chain names for the provider counts.
 * @param parameters.signingKey of the provider, read from the chain and never from a coordinator
 * @param parameters.nowSeconds unix seconds
 * @throws DuckMeshError `SEAL_KEY_INVALID` for a false signature, one that has expired or one that lives too long
 */
export async function verifySealKey({
  domain,
  providerId,
  signingKey,
  sealKey: { signature, ...stated },
  nowSeconds,
}: {
  domain: MeshDomain
  providerId: ProviderId
  signingKey: Address
  sealKey: SignedSealKey
  nowSeconds: number
}): Promise<void> {
  const refuse = (message: string) =>
    new DuckMeshError('SEAL_KEY_INVALID', message, { providerId, validUntil: stated.validUntil })
  if (stated.validUntil < nowSeconds) throw refuse('The seal key of the provider has expired.')
  if (stated.validUntil > nowSeconds + MAX_SEAL_KEY_SECONDS) throw refuse('The seal key lives too long.')
  const signer = await recover({ ...sealKeyTypedData(domain, { providerId, ...stated }), signature })
  if (!signer || !isAddressEqual(signer, signingKey)) {
    throw refuse('The seal key is not signed by the key that the chain names for the provider.')
  }
}
