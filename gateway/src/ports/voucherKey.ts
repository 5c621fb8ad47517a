import type { LocalAccount } from 'viem'

/** The key that signs vouchers and sessions; it cannot move money otherwise, so it may be a hot one. */
export type VoucherKey = Pick<LocalAccount, 'address' | 'signTypedData'>
