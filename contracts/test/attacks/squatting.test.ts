import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { connect, ethers, loadWorld, PARAMS, Status } from '../support/mesh.ts'
import { anchor, redundantOrder, roundOf } from '../support/redundant.ts'
import { AGREED } from './scenario.ts'

describe('Attack: squatting ids', () => {
  it('nobody can occupy the job id of an order by posting it first', async () => {
    const world = await loadWorld()
    const { mesh, challenger } = world
    const order = await world.orderOf()
    await expect(connect(mesh, challenger).postJob(order))
      .to.be.revertedWithCustomError(mesh, 'NotRequester')
      .withArgs(world.requester.address, challenger.address)
    const copy = { ...order, requester: challenger.address }
    await connect(mesh, challenger).postJob(copy)
    expect(world.jobIdOf(copy)).to.not.equal(world.jobIdOf(order))
    expect((await mesh.jobOf(world.jobIdOf(order))).status).to.equal(Status.none)
    await connect(mesh, world.requester).postJob(order)
  })

  it("nobody can use up another's nonces", async () => {
    const world = await loadWorld()
    const { mesh, challenger, requester } = world
    await connect(mesh, challenger).invalidateNonces(0, 2n ** 256n - 1n)
    const round = roundOf(world, await redundantOrder(world), AGREED)
    expect(await mesh.nonceUsed(requester.address, round.order.nonce)).to.equal(false)
    await anchor(world, round)
  })

  it('a squatted signing key gives the squatter nothing, and its holder registers another', async () => {
    const world = await loadWorld()
    const { mesh, challenger, stranger, token, deployer } = world
    const newcomer = ethers.Wallet.createRandom().address
    await connect(mesh, challenger).registerProvider(newcomer, ethers.ZeroHash, '', PARAMS.minStakeWei)
    await connect(token, deployer).transfer(stranger.address, PARAMS.minStakeWei)
    await connect(token, stranger).approve(world.domain.verifyingContract, PARAMS.minStakeWei)
    await connect(mesh, stranger).deposit(PARAMS.minStakeWei)
    await expect(
      connect(mesh, stranger).registerProvider(newcomer, ethers.ZeroHash, '', PARAMS.minStakeWei),
    ).to.be.revertedWithCustomError(mesh, 'KeyTaken')
    await connect(mesh, stranger).registerProvider(stranger.address, ethers.ZeroHash, '', PARAMS.minStakeWei)
    const squatter = await mesh.providerIdOf(challenger.address)
    expect((await mesh.providerOf(squatter)).signingKey).to.equal(newcomer)
    await expect(connect(mesh, challenger).withdraw(1, stranger.address)).to.emit(mesh, 'Withdrawn')
    await expectConserved(world)
  })

  it('provider id zero is nobody: it takes no job and no seat', async () => {
    const world = await loadWorld()
    const { mesh, stranger, requester } = world
    const order = await world.orderOf()
    await connect(mesh, requester).postJob(order)
    await expect(connect(mesh, stranger).acceptJob(order, 0)).to.be.revertedWithCustomError(
      mesh,
      'NotProvider',
    )
    const round = roundOf(world, await redundantOrder(world), AGREED)
    await expect(
      connect(mesh, stranger).commitSeat(
        round.order,
        await world.signOrder(round.order),
        { ...round.assignment, seats: [0, 1, 2] },
        '0x',
        0,
        round.commitments[0],
        '0x',
      ),
    ).to.be.revertedWithCustomError(mesh, 'BadSignature')
  })
})
