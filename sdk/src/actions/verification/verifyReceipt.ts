import {
  type InferenceResult,
  type Order,
  receiptFailures,
  type SignedAssignment,
  type SignedReceipt,
} from '@duckmesh/protocol'
import { signingKeysAt } from '../../chain/signingKeysAt.ts'
import type { ClientContext } from '../../clients/clientContext.ts'

/** A receipt and what it is checked against. */
export type VerifyReceiptParameters = {
  receipt: SignedReceipt
  order: Order
  /** Left out: the answer is not compared. */
  result?: InferenceResult | undefined
  /** Left out: on-chain lane, or the assignment is not compared. */
  assignment?: Pick<SignedAssignment, 'assignment' | 'signature'> | undefined
}

/**
 * Checks one receipt against its order, answer, assignment and the signing key that its provider has on chain.
 * @returns `failed` names what does not hold
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function verifyReceipt(
  context: ClientContext,
  { receipt, order, result, assignment }: VerifyReceiptParameters,
): Promise<{ ok: boolean; failed: string[] }> {
  const { providerId } = receipt.receipt
  const signingKey = (await signingKeysAt(context, [providerId])).get(providerId)
  if (!signingKey) return { ok: false, failed: ['providerId'] }
  const { domain } = context
  const failed = await receiptFailures(receipt, { domain, order, signingKey, result, assignment })
  return { ok: failed.length === 0, failed }
}
