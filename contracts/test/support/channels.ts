import { concat, type Signer } from 'ethers'
import { connect, DUCK, ethers, type World } from './mesh.ts'
import { type ChannelConfig, digestOf, signStruct } from './typedData.ts'

export const FUNDED_WEI = 100n * DUCK
export const WITHDRAW_DELAY = 3_600

/** A channel from the requester, whose own key signs, to provider 1. */
export function configOf(world: World, overrides: Partial<ChannelConfig> = {}): ChannelConfig {
  return {
    payer: world.requester.address,
    payerKey: world.requester.address,
    providerId: 1,
    withdrawDelay: WITHDRAW_DELAY,
    salt: ethers.id('salt'),
    ...overrides,
  }
}

export function channelIdOf(world: World, config: ChannelConfig): string {
  return digestOf(world.domain, 'ChannelConfig', config)
}

export async function opened(world: World, overrides: Partial<ChannelConfig> = {}, amountWei = FUNDED_WEI) {
  const config = configOf(world, overrides)
  await connect(world.mesh, world.requester).openChannel(config, amountWei)
  return config
}

/** One claim with its signature. */
export interface TestClaim {
  config: ChannelConfig
  maxCumulativeWei: bigint
  cumulativeWei: bigint
  signature: string
}

/** @param cumulativeWei what is claimed; the voucher says the same unless `maxCumulativeWei` is given */
export async function claimOf(
  world: World,
  config: ChannelConfig,
  cumulativeWei: bigint,
  { maxCumulativeWei = cumulativeWei, signer = world.requester as Signer } = {},
): Promise<TestClaim> {
  const voucher = { channelId: channelIdOf(world, config), maxCumulativeWei }
  const signature = await signStruct(signer, world.domain, 'Voucher', voucher)
  return { config, maxCumulativeWei, cumulativeWei, signature }
}

/** Claimed by the signing key of the provider. */
export function claim(world: World, claims: TestClaim[], providerId = 1) {
  const signatures = concat(claims.map(({ signature }) => signature))
  const plain = claims.map(({ config, maxCumulativeWei, cumulativeWei }) => ({
    config,
    maxCumulativeWei,
    cumulativeWei,
  }))
  return connect(world.mesh, world.provider(providerId - 1).key).claim(providerId, plain, signatures)
}
