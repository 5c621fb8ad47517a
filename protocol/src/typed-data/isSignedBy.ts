import { type Address, isAddressEqual } from 'viem'
import { recover } from './recover.ts'

/**
 * Whether an address signed some typed data; false for what is no signature of 65 bytes.
 * @param signed typed data plus signature
 * @example await isSignedBy({ ...receiptTypedData(domain, receipt), signature }, signingKey)
 */
export async function isSignedBy(signed: Parameters<typeof recover>[0], signer: Address): Promise<boolean> {
  const recovered = await recover(signed)
  return recovered !== undefined && isAddressEqual(recovered, signer)
}
