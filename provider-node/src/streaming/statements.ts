import {
  lastHead,
  type MeshDomain,
  type ProviderId,
  type Receipt,
  receiptTypedData,
  type SignedCheckpoint,
  type SignedReceipt,
  type StreamFinishReason,
  streamCheckpointTypedData,
} from '@duckmesh/protocol'
import { type LocalAccount, zeroHash } from 'viem'
import type { StreamRow } from '../ports/ledger.ts'

/** Who states something about streams. */
export type Stater = { domain: MeshDomain; providerId: ProviderId; signer: LocalAccount }

/** What a statement says: how far a stream has come. */
export type Stated = Omit<StreamRow, 'stream' | 'end'>

/** Signs how far a stream has come. @param at unix seconds */
export async function signCheckpoint(
  { domain, providerId, signer }: Stater,
  { streamId, chunks, head, promptTokens, completionTokens, amountWei }: Stated,
  at: number,
): Promise<SignedCheckpoint> {
  const checkpoint = { streamId, providerId, chunks, head, promptTokens, completionTokens, amountWei, at }
  return { checkpoint, signature: await signer.signTypedData(streamCheckpointTypedData(domain, checkpoint)) }
}

/**
 * Signs the receipt of a stream: what was given, what it costs, and why it ended. There is one for a stream: it is kept
 * before it leaves.
 * @param finishedAt unix seconds
 */
export async function signReceipt(
  { domain, providerId, signer }: Stater,
  { streamId, head, promptTokens, completionTokens, amountWei, startedAt }: Stated,
  finishReason: StreamFinishReason,
  finishedAt: number,
): Promise<SignedReceipt> {
  const receipt: Receipt = {
    jobId: streamId,
    providerId,
    outputHash: lastHead(head, finishReason),
    assignmentHash: zeroHash,
    amountWei,
    promptTokens,
    completionTokens,
    startedAt,
    finishedAt: Math.max(startedAt, finishedAt),
  }
  return { receipt, signature: await signer.signTypedData(receiptTypedData(domain, receipt)) }
}
