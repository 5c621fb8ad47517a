// A channel and a stream of it as a purse keeps them, for tests.
import { zeroAddress, zeroHash } from 'viem'
import type { ChannelRecord, StreamRecord } from '../ports/purseStore.ts'

/** An id made of one digit. */
export const id = (digit: number) => `0x${String(digit).repeat(64)}` as const
export const signature = `0x${'11'.repeat(65)}` as const

export const channel: ChannelRecord = {
  channelId: id(1),
  config: { payer: zeroAddress, payerKey: zeroAddress, providerId: 7, withdrawDelay: 3_600, salt: zeroHash },
  index: 0,
  onChain: { fundedWei: 5n, claimedWei: 1n, closableAfter: 0, isOpened: true },
  voucherWei: (1n << 96n) - 1n,
  settledWei: 2n,
  concededWei: 0n,
  provenWei: 2n,
  intent: { kind: 'topUp', amountWei: 9n, fundedBeforeWei: 5n },
  lastUsedAtMs: 1,
  fault: { code: 'PURSE_BEHIND', message: 'because' },
}
export const stream: StreamRecord = {
  streamId: id(2),
  providerId: 7,
  stream: {
    channelId: id(1),
    requestHash: id(3),
    policy: id(4),
    mode: 0,
    requestWei: 1n,
    promptTokenWei: 2n,
    tokenWei: 3n,
    nonce: (1n << 64n) - 1n,
    expiresAt: 10,
  },
  state: 'open',
  promisedWei: 4n,
  amountWei: 3n,
  checkpoint: {
    checkpoint: {
      streamId: id(2),
      providerId: 7,
      chunks: 1,
      head: id(5),
      promptTokens: 1,
      completionTokens: 1,
      amountWei: 3n,
      at: 1,
    },
    signature,
  },
  receipt: null,
  openedAtMs: 1,
}
