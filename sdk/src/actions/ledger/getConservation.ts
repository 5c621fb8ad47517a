import { chainError, DUCK_SUPPLY_WEI } from '@duckmesh/protocol'
import { readMesh, readToken } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { inBatches } from '../../transport/inBatches.ts'
import { readChannels } from './readChannels.ts'
import { readLedgerAccounts } from './readLedgerAccounts.ts'
import { readLiveJobs } from './readLiveJobs.ts'
import { readTokenHolders } from './readTokenHolders.ts'

/** Where every DUCK is at one block. Amounts are DUCK wei. */
export type Conservation = {
  /** Whether all parts add up to the whole supply, and DuckMesh holds exactly what it owes. */
  ok: boolean
  blockNumber: bigint
  /** Total supply of now. */
  supplyWei: bigint
  /** Burned so far, from the token's events. */
  burnedWei: bigint
  /** In wallets outside DuckMesh. */
  walletsWei: bigint
  /** Free balances in DuckMesh, earnings of providers included but for the fee on them. */
  freeWei: bigint
  /** Fees on earnings that did not move yet. */
  feesWei: bigint
  /** Stakes, those on their way out included. */
  stakedWei: bigint
  /** Prices of jobs that are not closed. */
  escrowWei: bigint
  /** Bonds of challengers in open disputes. */
  bondsWei: bigint
  /** In channels, paid in and neither claimed nor given back. */
  channelsWei: bigint
  /** Sent to DuckMesh by a plain transfer, which belongs to nobody. */
  strayWei: bigint
  /** 10^27 minus all parts; anything but 0 is a fault. */
  differenceWei: bigint
}

/**
 * Recomputes where every DUCK is, from events and views of the chain alone: every token holder that a Transfer names,
 * every account that can have a free balance, every provider, every open job and
 * every channel. Costs several requests for each of
 * them; meant for audits, not for pages.
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`; `UPSTREAM_ERROR` when the order of an open job cannot be found
 */
export async function getConservation(context: ClientContext): Promise<Conservation> {
  const blockNumber = await context.publicClient.getBlockNumber({ cacheTime: 0 }).catch((thrown: unknown) => {
    throw chainError(thrown, 'getBlockNumber')
  })
  const mesh = context.domain.verifyingContract
  const [supplyWei, meshWei, transfers, accounts, providers, jobs, channelsWei] = await Promise.all([
    readToken(context, 'totalSupply', [], blockNumber),
    readToken(context, 'balanceOf', [mesh], blockNumber),
    readTokenHolders(context, blockNumber),
    readLedgerAccounts(context, blockNumber),
    readMesh(context, 'providerCount', [], blockNumber),
    readLiveJobs(context, blockNumber),
    readChannels(context, blockNumber),
  ])
  const ids = Array.from({ length: providers }, (_, index) => index + 1)
  const [wallets, frees, fees, stakes] = await Promise.all([
    inBatches(transfers.holders, (holder) => readToken(context, 'balanceOf', [holder], blockNumber)),
    inBatches(accounts.accounts, (account) => readMesh(context, 'accountOf', [account], blockNumber)),
    inBatches(accounts.accounts, (account) => readMesh(context, 'feeDueOf', [account], blockNumber)),
    inBatches(ids, (id) => readMesh(context, 'providerOf', [id], blockNumber)),
  ])
  const parts = {
    burnedWei: transfers.burnedWei,
    walletsWei: sum(wallets),
    freeWei: sum(frees),
    feesWei: sum(fees),
    stakedWei: sum(stakes.map((provider) => provider.stakedWei + provider.unstakingWei)),
    escrowWei: sum(jobs.map((job) => job.order.priceWei)),
    bondsWei: sum(jobs.map((job) => job.challengerBondWei)),
    channelsWei,
    strayWei: transfers.toMeshWei - accounts.depositedWei,
  }
  const differenceWei = DUCK_SUPPLY_WEI - sum(Object.values(parts))
  const { freeWei, feesWei, stakedWei, escrowWei, bondsWei, strayWei } = parts
  const owedWei = freeWei + feesWei + stakedWei + escrowWei + bondsWei + channelsWei + strayWei
  const supplyHolds = supplyWei + parts.burnedWei === DUCK_SUPPLY_WEI
  const ok = differenceWei === 0n && supplyHolds && owedWei === meshWei
  return { ok, blockNumber, supplyWei, ...parts, differenceWei }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
