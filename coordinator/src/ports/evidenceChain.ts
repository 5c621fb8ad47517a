import type { ProviderId } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'

/** What evidence is compared with on chain. All reads throw `CHAIN_UNAVAILABLE`. */
export type EvidenceChain = {
  /** How far an anchorer has come: its next sequence number, and the unix second at which its last batch ends. */
  anchorHead(anchors: Address, anchorer: Address): Promise<{ length: number; until: number }>
  /** Commitment of an anchored batch; zero for one that is not there. */
  anchorCommitment(anchors: Address, anchorer: Address, sequence: number): Promise<Hex>
  /** Whether a payment channel was ever opened. */
  isChannelOpened(channelId: Hex): Promise<boolean>
  /** Whether the on-chain lane paid just this provider for just this output. */
  isPaidFor(jobId: Hex, providerId: ProviderId, outputHash: Hex): Promise<boolean>
}
