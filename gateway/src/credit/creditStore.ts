import type { ApiKey, Authorization, Transfer } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'

/** An API key as stored: its sha256, never the key. */
export type KeyRecord = ApiKey & { keyHash: string; account: Address }

/** A transfer as stored. `in`: from the account to the gateway; `out`: back. */
export type TransferRecord = Omit<Transfer, 'blocksLeft'> & {
  account: Address
  authorization: Authorization
  signature: Hex
  /** First block that can hold it. */
  fromBlock: bigint
  createdAtMs: number
}

/** Money of one account, DUCK wei. */
export type CreditBalance = { freeWei: bigint; heldWei: bigint; spentWei: bigint }

/**
 * The books of prepaid credit. Every method is one transaction: it happens whole or not at all. No free balance is ever
 * negative, and at any time, over all accounts:
 * transfers in that are done = free + held + spent + transfers out that are open or done.
 */
export type CreditStore = {
  balance(account: Address): Promise<CreditBalance | undefined>
  addKey(key: KeyRecord): Promise<void>
  keyByHash(keyHash: string): Promise<KeyRecord | undefined>
  keysOf(account: Address): Promise<KeyRecord[]>
  /** @returns false when the account has no such key that is not revoked */
  revokeKey(account: Address, keyId: string, nowMs: number): Promise<boolean>
  /**
   * Moves an amount from free to held.
   * @returns `low`: the free balance does not cover it; `limit`: the key does not; `revoked`: the key is not there
   */
  hold(hold: {
    holdId: string
    keyId: string
    account: Address
    amountWei: bigint
    /** After that the hold may be released, unix ms. */
    untilMs: number
  }): Promise<'held' | 'low' | 'limit' | 'revoked'>
  /**
   * Ends a hold: takes the cost, at most what is held, and frees the rest. Without effect on one that has ended.
   * @returns whether it was there
   */
  settle(holdId: string, costWei: bigint): Promise<boolean>
  /** Frees what is held by requests that a crash has ended. @returns how many there were */
  releaseExpired(nowMs: number): Promise<number>
  /**
   * Notes a transfer before anything of it is sent. One that goes out is taken from the free balance at once.
   * @returns `exists`: this nonce is there already
   */
  beginTransfer(transfer: TransferRecord): Promise<'begun' | 'exists' | 'low'>
  transfer(nonce: Hex): Promise<TransferRecord | undefined>
  openTransfers(): Promise<TransferRecord[]>
  /** Latest first. */
  transfersOf(account: Address, limit: number): Promise<TransferRecord[]>
  /**
   * Ends an open transfer: one that came in is credited, one that could not go out is given back. Without effect on one
   * that has ended.
   */
  endTransfer(nonce: Hex, state: 'done' | 'failed'): Promise<void>
}
