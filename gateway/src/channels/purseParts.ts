import type { ChannelConfig, MeshDomain } from '@duckmesh/protocol'
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
  domain: MeshDomain
  payer: ChannelConfig['payer']
}
