import type { ChannelConfig, MeshDomain, ProviderId } from '@duckmesh/protocol'
import type { Clock } from '../ports/clock.ts'
import type { Observe } from '../ports/observe.ts'
import type { VoucherKey } from '../ports/voucherKey.ts'
import type { PurseBook } from './book.ts'
import type { Funding } from './funding.ts'
import type { PursePolicy } from './policy.ts'

/** What the purse works with. */
export type PurseParts = {
  book: PurseBook
  funding: Funding
  key: VoucherKey
  policy: PursePolicy
  clock: Clock
  observe: Observe
  /** A number of 64 random bits: nonces of streams. */
  randomUint64: () => bigint
  /** Told when a stream has come to its end: its slot, and what was promised beyond its price, are free. */
  onFreed: (providerId: ProviderId) => void
  domain: MeshDomain
  payer: ChannelConfig['payer']
}
