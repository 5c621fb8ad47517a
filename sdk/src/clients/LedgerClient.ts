import type { Address, Hex } from 'viem'
import { type DepositResult, deposit } from '../actions/ledger/deposit.ts'
import { exitChannels } from '../actions/ledger/exitChannels.ts'
import { type Balance, getBalance } from '../actions/ledger/getBalance.ts'
import { type AccountChannel, getChannels } from '../actions/ledger/getChannels.ts'
import { type Conservation, getConservation } from '../actions/ledger/getConservation.ts'
import { withdraw } from '../actions/ledger/withdraw.ts'
import { ProvingClient } from './ProvingClient.ts'

/** The part of a client that is about money: in, out, and where it is. */
export class LedgerClient extends ProvingClient {
  /**
   * Moves DUCK from the wallet to the free balance in DuckMesh, in one transaction where the account can sign a permit.
   * @param amountWei DUCK wei
   * @returns hashes of the transactions
   * @throws DuckMeshError `CHAIN_REVERTED` when the wallet holds too little, `CHAIN_UNAVAILABLE`
   * @example await client.deposit(parseDuck('100'))
   */
  deposit(amountWei: bigint): Promise<DepositResult> {
    return deposit(this.context, amountWei)
  }

  /**
   * Sends free balance out of DuckMesh. No state of any job can block it.
   * @param amountWei DUCK wei
   * @param to receiver, the account itself if left out
   * @returns transaction hash
   * @throws DuckMeshError `CHAIN_REVERTED` with `details.reason` `InsufficientFree`, `CHAIN_UNAVAILABLE`
   * @example await client.withdraw(parseDuck('12.5'))
   */
  withdraw(amountWei: bigint, to?: Address): Promise<Hex> {
    return withdraw(this.context, amountWei, to)
  }

  /**
   * Reads what an account owns: DUCK in the wallet, free DUCK in DuckMesh, coin for gas, all in wei.
   * @param account the client's own if left out
   * @throws DuckMeshError `BAD_CONFIG` without any account, `CHAIN_UNAVAILABLE`
   * @example const { walletWei, freeWei } = await client.getBalance()
   */
  getBalance(account?: Address): Promise<Balance> {
    return getBalance(this.context, account)
  }

  /**
   * Reads all payment channels that an account ever opened, by whichever gateway, from the chain alone.
   * @param account the client's own if left out
   * @throws DuckMeshError `BAD_CONFIG` without any account, `CHAIN_UNAVAILABLE`
   * @example const held = (await client.getChannels()).map(({ fundedWei, claimedWei }) => fundedWei - claimedWei)
   */
  getChannels(account?: Address): Promise<AccountChannel[]> {
    return getChannels(this.context, account)
  }

  /**
   * Takes the account's money out of all its channels, also those of a purse that was lost: starts their close, and ends
   * it when called again after the delay. Warning: a gateway that still uses one has to top it up to go on.
   * @returns the channels as they are then
   * @throws DuckMeshError `BAD_CONFIG` without an account, `CHAIN_REVERTED`, `CHAIN_UNAVAILABLE`
   * @example await client.exitChannels() // once more after `closableAfter`
   */
  exitChannels(): Promise<AccountChannel[]> {
    return exitChannels(this.context)
  }

  /**
   * Recomputes where every DUCK is, from the chain alone; `ok` says that nothing was made or lost.
   * @throws DuckMeshError `CHAIN_UNAVAILABLE`
   * @example const { ok, differenceWei } = await client.getConservation()
   */
  getConservation(): Promise<Conservation> {
    return getConservation(this.context)
  }
}
