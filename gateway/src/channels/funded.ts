import { DuckMeshError } from '@duckmesh/protocol'

/** Tries to fund the greater amount, then the lesser. @returns false when there is not enough DUCK for either */
export async function firstFunded(
  amountsWei: readonly bigint[],
  fund: (needWei: bigint) => Promise<void>,
): Promise<boolean> {
  for (const amountWei of amountsWei) {
    try {
      await fund(amountWei)
      return true
    } catch (thrown) {
      if (!(thrown instanceof DuckMeshError) || thrown.code !== 'INSUFFICIENT_FUNDS') throw thrown
    }
  }
  return false
}
