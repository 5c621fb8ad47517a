import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { connect, DEPOSIT_WEI, DUCK, ethers, loadWorld } from '../support/mesh.ts'
import { anchor, HONEST, open, redundantOrder, roundOf } from '../support/redundant.ts'

describe('Ledger withdrawals', () => {
  it('sends free balance to any address', async () => {
    const world = await loadWorld()
    const { mesh, token, requester, stranger } = world
    await expect(connect(mesh, requester).withdraw(DUCK, stranger.address))
      .to.emit(mesh, 'Withdrawn')
      .withArgs(requester.address, stranger.address, DUCK)
    expect(await token.balanceOf(stranger.address)).to.equal(DUCK)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI - DUCK)
    await expectConserved(world)
  })

  it('refuses more than the free balance, by one wei', async () => {
    const { mesh, requester } = await loadWorld()
    await expect(connect(mesh, requester).withdraw(DEPOSIT_WEI + 1n, requester.address))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, DEPOSIT_WEI, DEPOSIT_WEI + 1n)
    await connect(mesh, requester).withdraw(DEPOSIT_WEI, requester.address)
  })

  it('refuses nothing, the zero address and the mesh itself', async () => {
    const { mesh, requester } = await loadWorld()
    const ledger = connect(mesh, requester)
    const meshAddress = await mesh.getAddress()
    await expect(ledger.withdraw(0, requester.address)).to.be.revertedWithCustomError(mesh, 'ZeroAmount')
    for (const to of [ethers.ZeroAddress, meshAddress]) {
      await expect(ledger.withdraw(1, to))
        .to.be.revertedWithCustomError(mesh, 'InvalidRecipient')
        .withArgs(to)
    }
  })

  it('pays out earnings and deposits of a provider owner as one balance', async () => {
    const world = await loadWorld()
    const { mesh, token } = world
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await anchor(world, round)
    await open(world, round)
    const { owner } = world.provider(0)
    const freeWei = await world.freeOf(owner)
    expect(freeWei).to.be.greaterThan(DEPOSIT_WEI - 1_000n * DUCK)
    const beforeWei: bigint = await token.balanceOf(owner.address)
    await connect(mesh, owner).withdraw(freeWei, owner.address)
    expect(await world.freeOf(owner)).to.equal(0n)
    expect(await token.balanceOf(owner.address)).to.equal(beforeWei + freeWei)
    await expectConserved(world)
  })

  it('reports earnings in the balance that does not suffice', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner } = world.provider(0)
    const freeWei = await world.freeOf(owner)
    await expect(connect(mesh, owner).withdraw(freeWei + 1n, owner.address))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(owner.address, freeWei, freeWei + 1n)
  })
})
