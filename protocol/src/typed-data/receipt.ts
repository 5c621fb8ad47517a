import type { Hex } from 'viem'
import type { JobId, ProviderId } from '../ids.ts'
import { eip712Domain, type MeshDomain } from './domain.ts'

/** EIP-712 type of a Receipt. */
export const receiptTypes = {
  Receipt: [
    { name: 'jobId', type: 'bytes32' },
    { name: 'providerId', type: 'uint32' },
    { name: 'outputHash', type: 'bytes32' },
    { name: 'assignmentHash', type: 'bytes32' },
    { name: 'amountWei', type: 'uint96' },
    { name: 'promptTokens', type: 'uint32' },
    { name: 'completionTokens', type: 'uint32' },
    { name: 'startedAt', type: 'uint40' },
    { name: 'finishedAt', type: 'uint40' },
  ],
} as const

/**
 * The provider's statement of what it did. Request, model, profile and price bounds are bound through the
 * job id, which is the digest of the order that holds them.
 */
export type Receipt = {
  jobId: JobId
  providerId: ProviderId
  /** Canonical hash of the result. */
  outputHash: Hex
  /** hashStruct of the Assignment; zero in the on-chain lane, but not for a seat of its re-execution. */
  assignmentHash: Hex
  /** Gross price of this seat in DUCK wei: `seatShareWei`. */
  amountWei: bigint
  promptTokens: number
  completionTokens: number
  /** Unix seconds. */
  startedAt: number
  /** Unix seconds. */
  finishedAt: number
}

/** Typed data of a Receipt, signed by the provider's signing key. */
export const receiptTypedData = (domain: MeshDomain, receipt: Receipt) =>
  ({ domain: eip712Domain(domain), types: receiptTypes, primaryType: 'Receipt', message: receipt }) as const
