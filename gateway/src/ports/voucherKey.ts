import type { LocalAccount } from 'viem'

/** The key that signs vouchers and sessions. It can promise what its channels hold, and moves no money otherwise. */
export type VoucherKey = Pick<LocalAccount, 'address' | 'signTypedData'>
