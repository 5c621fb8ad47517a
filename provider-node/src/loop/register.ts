import { DuckMeshError, formatDuck, hashCanonical, type ProviderId } from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { Container } from '../container.ts'

/**
 * Makes sure that this owner has a provider with enough stake and this signing key. Reads the chain before each
 * step, so it may be stopped anywhere and run again.
 * @param endpoint URL written into the registration event; empty for none
 * @returns the provider id
 * @throws DuckMeshError `INSUFFICIENT_FUNDS` when wallet and free balance do not cover the stake, `BAD_CONFIG`
 * when the provider signs with another key, `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`
 */
export async function register(container: Container, endpoint: string): Promise<ProviderId> {
  const { chain, config, signer, executors, logger } = container
  const { minStakeWei } = await chain.terms()
  const stakeWei = config.STAKE_DUCK > minStakeWei ? config.STAKE_DUCK : minStakeWei
  const existing = await chain.providerIdOf(chain.owner)
  if (existing === 0) {
    await provide(container, stakeWei)
    const profileHash = hashCanonical(executors.map(({ profile }) => profile))
    const failure = await chain
      .send({ kind: 'registerProvider', signingKey: signer.address, profileHash, endpoint, stakeWei })
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    // the answer may have been lost on its way: the chain decides whether it failed
    const providerId = await chain.providerIdOf(chain.owner)
    if (providerId === 0)
      throw failure ?? new DuckMeshError('NOT_REGISTERED', 'The registration is not on chain.')
    logger.info({ providerId, stake: formatDuck(stakeWei) }, 'registered')
    return providerId
  }
  const { signingKey, stakedWei } = await chain.provider(existing)
  if (!isAddressEqual(signingKey, signer.address)) {
    const details = { setting: 'SIGNING_PRIVATE_KEY', providerId: existing, registered: signingKey }
    throw new DuckMeshError('BAD_CONFIG', 'The provider signs with another key on chain.', details)
  }
  if (stakedWei < minStakeWei) {
    const missingWei = stakeWei - stakedWei
    await provide(container, missingWei)
    await chain.send({ kind: 'stake', providerId: existing, amountWei: missingWei })
    logger.info({ providerId: existing, added: formatDuck(missingWei) }, 'stake topped up')
  }
  return existing
}

/** Sees to it that the owner's free balance covers `neededWei`. */
async function provide({ chain }: Container, neededWei: bigint): Promise<void> {
  const [freeWei, walletWei] = await Promise.all([chain.freeWei(chain.owner), chain.walletWei(chain.owner)])
  const missingWei = neededWei - freeWei
  if (missingWei <= 0n) return
  if (walletWei < missingWei) {
    const details = {
      owner: chain.owner,
      neededWei: `${neededWei}`,
      freeWei: `${freeWei}`,
      walletWei: `${walletWei}`,
    }
    throw new DuckMeshError('INSUFFICIENT_FUNDS', 'The owner has too little DUCK for the stake.', details)
  }
  await chain.send({ kind: 'approve', amountWei: missingWei })
  await chain.send({ kind: 'deposit', amountWei: missingWei })
}
