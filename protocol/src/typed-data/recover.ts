import { type Address, recoverTypedDataAddress } from 'viem'

/**
 * Address that signed some typed data, or undefined for a signature that is not one.
 * @param parameters typed data plus signature
 */
export async function recover(
  parameters: Parameters<typeof recoverTypedDataAddress>[0],
): Promise<Address | undefined> {
  return recoverTypedDataAddress(parameters).catch(() => undefined) // off-curve signatures throw in viem
}
