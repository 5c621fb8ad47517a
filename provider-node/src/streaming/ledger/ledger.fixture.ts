// A channel and its streams for the tests of the ledger.
import {
  type ChannelConfig,
  type Chunk,
  channelIdOf,
  type JobId,
  type SignedVoucher,
  type Stream,
  type StreamEnd,
  streamIdOf,
} from '@duckmesh/protocol'
import { toHex, zeroAddress, zeroHash } from 'viem'
import type { ChannelSight, StreamProgress, StreamRow } from '../../ports/ledger.ts'

export const domain = {
  chainId: 31_337,
  verifyingContract: '0x00000000000000000000000000000000000000aa',
} as const
export const config: ChannelConfig = {
  payer: '0x00000000000000000000000000000000000000bb',
  payerKey: zeroAddress,
  providerId: 1,
  withdrawDelay: 3_600,
  salt: zeroHash,
}
export const channelId = channelIdOf(domain, config)
export const sight: ChannelSight = { fundedWei: 10n ** 18n, claimedWei: 0n, closableAfter: 0, seenAt: 5 }

const signature = toHex(1n, { size: 65 })
export const voucherOf = (maxCumulativeWei: bigint): SignedVoucher => ({ maxCumulativeWei, signature })

/** A stream whose nonce is its number. */
export function newStream(number: number): { stream: Stream; streamId: JobId } {
  const stream: Stream = {
    channelId,
    requestHash: zeroHash,
    policy: zeroHash,
    mode: 0,
    requestWei: 50n,
    promptTokenWei: 1n,
    tokenWei: 20n,
    nonce: BigInt(number),
    expiresAt: 1_800_000_000,
  }
  return { stream, streamId: streamIdOf(domain, stream) }
}

export const chunkOf = (index: number): Chunk => ({
  index,
  text: `naïve 🦆 ${index}`,
  tokens: [index],
  logprobs: [-0.25],
})

export const progressOf = (
  { promptTokens }: StreamRow,
  chunks: number,
  amountWei: bigint,
): StreamProgress => ({
  chunks,
  head: toHex(chunks, { size: 32 }),
  promptTokens,
  completionTokens: chunks,
  amountWei,
})

export const endOf = (streamId: JobId, amountWei: bigint): StreamEnd => ({
  finishReason: 'stop',
  chunks: 1,
  owedWei: amountWei,
  receipt: {
    receipt: {
      jobId: streamId,
      providerId: 1,
      outputHash: zeroHash,
      assignmentHash: zeroHash,
      amountWei,
      promptTokens: 0,
      completionTokens: 1,
      startedAt: 1,
      finishedAt: 2,
    },
    signature,
  },
})
