import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { connect, ethers, loadWorld, STAKE_WEI, type World, ZERO_HASH } from './mesh.ts'

/** A world with more providers than there are test accounts, each its own key. */
export async function withProviders(count: number): Promise<World> {
  const shared = await loadWorld()
  const providers = [...shared.providers]
  const { mesh, token, deployer, domain } = shared
  for (let id = providers.length + 1; id <= count; id++) {
    const wallet = ethers.Wallet.createRandom(ethers.provider)
    await deployer.sendTransaction({ to: wallet.address, value: 10n ** 18n })
    await token.transfer(wallet.address, STAKE_WEI)
    const owner = await ethers.getImpersonatedSigner(wallet.address)
    await connect(token, owner).approve(domain.verifyingContract, STAKE_WEI)
    await connect(mesh, owner).deposit(STAKE_WEI)
    await connect(mesh, owner).registerProvider(wallet.address, ZERO_HASH, '', STAKE_WEI)
    // an impersonated account can send but not sign
    const key = { address: wallet.address, signTypedData: wallet.signTypedData.bind(wallet) }
    providers.push({ id, owner, key: key as unknown as HardhatEthersSigner })
  }
  // A copy: the world of the fixture is shared by all tests.
  return {
    ...shared,
    providers,
    provider(index) {
      const found = providers[index]
      if (!found) throw new Error(`No provider at ${index}`)
      return found
    },
  }
}
