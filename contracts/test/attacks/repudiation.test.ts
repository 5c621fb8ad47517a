import { expect } from 'chai'
import { concat } from 'ethers'
import { expectConserved } from '../support/conservation.ts'
import {
  BOND_WEI,
  connect,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  type World,
} from '../support/mesh.ts'
import {
  anchor,
  anchorArguments,
  HONEST,
  open,
  redundantOrder,
  roundOf,
  WRONG,
} from '../support/redundant.ts'
import { AGREED, passReveal } from './scenario.ts'

/** A contract wallet with the price in its free balance, and a round of an order it agreed to. */
async function walletOrder(world: World, outputs = AGREED) {
  const { mesh, token, deployer, stranger } = world
  const wallet = await ethers.deployContract('AttackWallet', stranger)
  const walletAddress = await wallet.getAddress()
  const target = await mesh.getAddress()
  await connect(token, deployer).transfer(walletAddress, PRICE_WEI)
  const execute = wallet.getFunction('execute')
  await execute(token.getAddress(), token.interface.encodeFunctionData('approve', [target, PRICE_WEI]))
  await execute(target, mesh.interface.encodeFunctionData('deposit', [PRICE_WEI]))
  const order = await redundantOrder(world, { requester: walletAddress })
  return { wallet, walletAddress, round: roundOf(world, order, outputs) }
}

/** Makes an account a delegated one (EIP-7702) whose code says no to every signature. */
async function delegateToDenier(account: { address: string }): Promise<void> {
  const denier = await ethers.deployContract('AttackWallet')
  await denier.getFunction('setBehaviour')(1)
  const designator = concat(['0xef0100', await denier.getAddress()])
  await ethers.provider.send('hardhat_setCode', [account.address, designator])
}

describe('Attack: repudiation', () => {
  it('by an ERC-1271 requester that changes its mind after the anchor does not unpay the seats', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { wallet, walletAddress, round } = await walletOrder(world)
    await anchor(world, round)
    await wallet.getFunction('setBehaviour')(1)
    await open(world, round)
    expect((await mesh.jobOf(round.jobId)).status).to.equal(Status.paid)
    await expectConserved(world, {}, [walletAddress])
  })

  it('by an ERC-1271 requester before the second round does not stop it: the order was entered', async () => {
    const world = await loadWorld()
    const { wallet, walletAddress, round } = await walletOrder(world)
    await anchor(world, round)
    await passReveal()
    await open(world, round, [])
    await wallet.getFunction('setBehaviour')(1)
    await anchor(world, roundOf(world, round.order, AGREED, { round: 1, ids: [4, 5, 6] }))
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI }, [walletAddress])
  })

  it('by an ERC-1271 requester before the anchor is possible, and moves nothing', async () => {
    const world = await loadWorld()
    const { wallet, walletAddress, round } = await walletOrder(world)
    await wallet.getFunction('setBehaviour')(1)
    await expect(anchor(world, round))
      .to.be.revertedWithCustomError(world.mesh, 'BadSignature')
      .withArgs(walletAddress)
    await expectConserved(world, {}, [walletAddress])
  })

  it('by a requester that delegates its account (EIP-7702) to code that denies everything fails', async () => {
    const world = await loadWorld()
    const round = roundOf(world, await redundantOrder(world), AGREED)
    await delegateToDenier(world.requester)
    await expect(anchor(world, round)).to.emit(world.mesh, 'SeatsAnchored')
  })

  it('by a seat or a coordinator that delegates its account to such code fails', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const round = roundOf(world, await redundantOrder(world), [HONEST, WRONG, HONEST])
    await delegateToDenier(world.provider(1).key)
    await delegateToDenier(world.coordinator)
    await anchor(world, round)
    await open(world, round)
    expect((await mesh.providerOf(2)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
  })

  it('by a contract as signing key is impossible: no statement of it is ever accepted', async () => {
    const world = await loadWorld()
    const { mesh, token, deployer, stranger } = world
    const wallet = await ethers.deployContract('AttackWallet')
    await connect(token, deployer).transfer(stranger.address, STAKE_WEI)
    await connect(token, stranger).approve(await mesh.getAddress(), STAKE_WEI)
    await connect(mesh, stranger).deposit(STAKE_WEI)
    const key = await wallet.getAddress()
    await connect(mesh, stranger).registerProvider(key, ethers.ZeroHash, '', STAKE_WEI)
    const id = Number(await mesh.providerCount())
    // A copy: the world of the fixture is shared by all tests.
    const wider: World = {
      ...world,
      provider: (index) =>
        index === id - 1 ? { id, owner: stranger, key: stranger } : world.provider(index),
    }
    const round = roundOf(wider, await redundantOrder(wider), AGREED, { ids: [1, 2, id] })
    await expect(mesh.anchorSeats(...(await anchorArguments(wider, round))))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(key)
  })
})
