import type { Authorization } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { TransferRecord } from './creditStore.ts'

/** What became of a transfer. */
export type TransferFate = {
  /**
   * `done`: exactly this one happened; `void`: its nonce was used or cancelled otherwise; `expired`: its time is over;
   * `unused`: it can still happen.
   */
  state: 'done' | 'void' | 'expired' | 'unused'
  /**
   * Blocks that must still follow before this stands: until then a reorganisation can undo it. Null while it is in no
   * block.
   */
  blocksLeft: number | null
}

/** The chain as the books of credit see it. Reads throw `CHAIN_UNAVAILABLE`. */
export type CreditChain = {
  /** The gateway's account: receives top-ups, signs withdrawals. */
  payee: Address
  token: Address
  /** Number of the latest block, and unix seconds that the next one has at least. */
  head(): Promise<{ number: bigint; timestamp: number }>
  /** What became of a transfer, and how firmly. */
  fateOf(transfer: TransferRecord): Promise<TransferFate>
  /** Whether a top-up would be accepted now. @throws DuckMeshError `CHAIN_REVERTED` with the token's reason */
  simulate(authorization: Authorization, signature: Hex): Promise<void>
  /** Signs a transfer out. */
  sign(authorization: Authorization): Promise<Hex>
  /** Brings a transfer to the chain and waits for its block. Whatever it throws, its fate decides. */
  send(transfer: TransferRecord): Promise<void>
  /** DUCK of the gateway that can be paid out now: in its wallet, and free in DuckMesh, wei. */
  payableWei(): Promise<bigint>
  /**
   * Keeps `neededWei` in the wallet, for withdrawals, and everything else free in DuckMesh, where channels are opened
   * from. Goes by what is there, so it can be repeated.
   */
  balanceWallet(neededWei: bigint): Promise<void>
}
