import type { Authorization } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { TransferRecord } from './creditStore.ts'

/** The chain as the books of credit see it. Reads throw `CHAIN_UNAVAILABLE`. */
export type CreditChain = {
  /** The gateway's account: receives top-ups, signs withdrawals. */
  payee: Address
  token: Address
  /** Number of the latest block, and unix seconds that the next one has at least. */
  head(): Promise<{ number: bigint; timestamp: number }>
  /**
   * What became of a transfer: `done` when exactly this one happened; `void` when its nonce was used or cancelled
   * otherwise; `unused` while it can still happen.
   */
  state(transfer: TransferRecord): Promise<'done' | 'void' | 'unused'>
  /** Whether a top-up would be accepted now. @throws DuckMeshError `CHAIN_REVERTED` with the token's reason */
  simulate(authorization: Authorization, signature: Hex): Promise<void>
  /** Signs a transfer out. */
  sign(authorization: Authorization): Promise<Hex>
  /** Brings a transfer to the chain and waits for its block. Whatever it throws, `state` decides. */
  send(transfer: TransferRecord): Promise<void>
  /** DUCK of the gateway that can be paid out now: in its wallet, and free in DuckMesh, wei. */
  payableWei(): Promise<bigint>
  /**
   * Keeps `neededWei` in the wallet, for withdrawals, and everything else free in DuckMesh, where channels are opened
   * from. Goes by what is there, so it can be repeated.
   */
  balanceWallet(neededWei: bigint): Promise<void>
}
