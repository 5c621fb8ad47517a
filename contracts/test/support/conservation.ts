import { expect } from 'chai'
import { ethers, SUPPLY_WEI, type World } from './mesh.ts'

/** What the test expects to be tied up in open jobs, DUCK wei. */
export interface Outstanding {
  /** Prices of open jobs and bonds of open disputes. */
  escrowWei?: bigint
  /** Held for channels. */
  channelsWei?: bigint
  /** Bonds locked in stakes. */
  lockedWei?: bigint
}

/**
 * Every wei is somewhere: the token balance of the mesh equals accounts + fees due + stakes + unstaking + escrow +
 * channels, and what left the supply is exactly what was burned.
 */
export async function expectConserved(
  { token, mesh }: World,
  { escrowWei = 0n, channelsWei = 0n, lockedWei = 0n }: Outstanding = {},
  extraAccounts: string[] = [],
): Promise<void> {
  const signers = await ethers.getSigners()
  let accountsWei = 0n
  for (const account of [...signers.map(({ address }) => address), ...extraAccounts]) {
    accountsWei += (await mesh.accountOf(account)) + (await mesh.feeDueOf(account))
  }
  let stakesWei = 0n
  let lockedSumWei = 0n
  const count: bigint = await mesh.providerCount()
  for (let id = 1n; id <= count; id++) {
    const provider = await mesh.providerOf(id)
    stakesWei += provider.stakedWei + provider.unstakingWei
    lockedSumWei += provider.lockedWei
  }
  expect(await token.balanceOf(await mesh.getAddress())).to.equal(
    accountsWei + stakesWei + escrowWei + channelsWei,
  )
  expect(lockedSumWei).to.equal(lockedWei)
  const burns = await token.queryFilter(token.filters.Transfer?.(null, ethers.ZeroAddress) ?? 'Transfer')
  let burnedWei = 0n
  for (const burn of burns) if ('args' in burn) burnedWei += burn.args.value
  expect((await token.totalSupply()) + burnedWei).to.equal(SUPPLY_WEI)
}
