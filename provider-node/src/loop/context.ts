import type { ProviderId } from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { Container } from '../container.ts'

/** What the steps of a running node work with. */
export type LoopContext = Container & {
  /** This node's number on chain. */
  providerId: ProviderId
  /** When this process began to work, ms. */
  startedAtMs: number
  /** Fires when the node stops. */
  signal: AbortSignal
  /** Whose assignments are followed, once pinned. */
  coordinatorAddress(): Address | undefined
}
