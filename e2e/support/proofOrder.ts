import { devAccount, devIndex } from '@duckmesh/local-chain'
import { GROTH16_SELECTOR, jobKinds, type Order, verificationModes } from '@duckmesh/protocol'
import { type Hex, padHex, zeroAddress, zeroHash } from 'viem'

/** Where the order counts: no contract is there, its digest is all that is looked at. */
export const domain = { chainId: 31_337, verifyingContract: `0x${'d1'.repeat(20)}` as Hex }
/** An order for a proof; model and request are left to the test. */
export const order: Order = {
  requester: devAccount(devIndex.buyer).address,
  coordinator: zeroAddress,
  providerId: 0,
  kind: jobKinds.proof,
  mode: verificationModes.proof,
  seats: 1,
  priceWei: 10n ** 18n,
  bondWei: 0n,
  modelId: zeroHash,
  inputHash: zeroHash,
  policy: padHex(GROTH16_SELECTOR, { dir: 'right', size: 32 }),
  nonce: 7n,
  acceptBy: 2_000_000_000,
  execWindow: 60,
  disputeWindow: 0,
}
