import { type Address, type Hex, isAddressEqual, zeroHash } from 'viem'
import { verificationModes } from '../constants.ts'
import { hashCanonical } from '../inference/canonical.ts'
import type { InferenceResult } from '../inference/request.ts'
import { rounds, seatShareWei } from '../market/rounds.ts'
import type { SignedReceipt } from '../schemas/statements.ts'
import { type Assignment, assignmentHash, assignmentTypedData } from '../typed-data/assignment.ts'
import type { MeshDomain } from '../typed-data/domain.ts'
import { jobIdOf, type Order } from '../typed-data/order.ts'
import { type Receipt, receiptTypedData } from '../typed-data/receipt.ts'
import { recover } from '../typed-data/recover.ts'

/** What a receipt is checked against. */
export type ReceiptEvidence = {
  domain: MeshDomain
  order: Order
  /** Signing key of the provider as registered on chain. */
  signingKey: Address
  /** Leave out what is not at hand; then that part is not checked. */
  result?: InferenceResult | undefined
  /** The signed Assignment of a round of seats; undefined for the provider of the on-chain lane. */
  assignment?: { assignment: Assignment; signature: Hex } | undefined
}

/**
 * Checks a receipt against its order, assignment, result and signer.
 * @returns names of the fields that do not hold; empty when the receipt is good
 */
export async function receiptFailures(signed: SignedReceipt, evidence: ReceiptEvidence): Promise<string[]> {
  const { receipt } = signed
  const { domain, order, assignment, result } = evidence
  const failed: string[] = []
  const check = (holds: boolean, field: string) => {
    if (!holds) failed.push(field)
  }
  check(receipt.jobId === jobIdOf(domain, order), 'jobId')
  check(receipt.amountWei === seatShareWei(order, roundOf(receipt, order)), 'amountWei')
  check(receipt.startedAt <= receipt.finishedAt, 'finishedAt')
  if (result) {
    check(receipt.outputHash === hashCanonical(result), 'outputHash')
    const tokensKnown = result.tokens.length > 0
    check(!tokensKnown || receipt.completionTokens === result.tokens.length, 'completionTokens')
  }
  if (assignment) {
    check(receipt.assignmentHash === assignmentHash(assignment.assignment), 'assignmentHash')
    check(assignment.assignment.jobId === receipt.jobId, 'assignment.jobId')
    check(assignment.assignment.seats.includes(receipt.providerId), 'providerId')
    const coordinator = await recover({
      ...assignmentTypedData(domain, assignment.assignment),
      signature: assignment.signature,
    })
    check(coordinator !== undefined && isAddressEqual(coordinator, order.coordinator), 'assignment.signature')
  }
  const signer = await recover({ ...receiptTypedData(domain, receipt), signature: signed.signature })
  check(signer !== undefined && isAddressEqual(signer, evidence.signingKey), 'signature')
  return failed
}

// an order of the on-chain lane has no seats of its own: a receipt that names an assignment is one of its re-execution
const roundOf = ({ assignmentHash: assigned }: Receipt, { mode }: Order): number =>
  mode === verificationModes.signed && assigned !== zeroHash ? rounds.dispute : rounds.first
