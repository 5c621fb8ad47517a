import { type Hex, toHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'

/** The well-known development mnemonic. Everybody has these keys: they are for a chain on this machine alone. */
export const DEV_MNEMONIC = 'test test test test test test test test test test test junk'

/** The development account with this index, derived as wallets do (BIP-44). */
export const devAccount = (addressIndex: number): HDAccount =>
  mnemonicToAccount(DEV_MNEMONIC, { addressIndex })

/** Private key of a development account. */
export const devPrivateKey = (addressIndex: number): Hex =>
  toHex(devAccount(addressIndex).getHdKey().privateKey!)

/** Which development account plays which part. Provider i has owner `firstOwner + i` and signing key `firstSigner + i`. */
export const devIndex = {
  deployer: 0,
  coordinator: 1,
  buyer: 2,
  treasury: 3,
  firstOwner: 10,
  firstSigner: 40,
} as const
