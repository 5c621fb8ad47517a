import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { connect, DUCK, ethers, loadWorld, PARAMS, STAKE_WEI, time } from '../support/mesh.ts'
import { HONEST, WRONG } from '../support/redundant.ts'
import { receiptOf, signReceipt } from '../support/settling.ts'
import { signStruct } from '../support/typedData.ts'

/** A provider that signed two outputs and then locked its stake in a job of its own, all but `freeWei`. */
async function locked(freeWei: bigint) {
  const world = await loadWorld()
  const { mesh } = world
  const { owner } = world.provider(0)
  const order = await world.orderOf()
  const first = receiptOf(world, order)
  const second = { ...first, outputHash: WRONG }
  const signatures = await Promise.all([first, second].map((receipt) => signReceipt(world, receipt)))
  const proof = [order, first, signatures[0], second, signatures[1]] as const
  const own = await world.orderOf({
    requester: owner.address,
    coordinator: ethers.ZeroAddress,
    priceWei: 0n,
    bondWei: STAKE_WEI - freeWei,
    disputeWindow: 0,
  })
  await connect(mesh, owner).postJob(own)
  await connect(mesh, owner).acceptJob(own, 1)
  return { world, mesh, owner, own, proof }
}

describe('Attack: hiding stake from the slash of a contradiction', () => {
  for (const freeWei of [0n, 1n]) {
    it(`by locking all but ${freeWei} wei costs the whole minimum stake all the same, whenever it comes free`, async () => {
      const { world, mesh, owner, own, proof } = await locked(freeWei)
      const { stranger } = world
      // It reports itself, so that the key is spent for what little is free.
      await connect(mesh, owner).proveEquivocation(...proof)
      const rotation = { providerId: 1, newKey: stranger.address, keyEpoch: 1n }
      const signature = await signStruct(stranger, world.domain, 'KeyRotation', rotation)
      await connect(mesh, owner).rotateKey(1, stranger.address, signature)
      await connect(mesh, owner).submitResult(world.jobIdOf(own), HONEST)
      await time.increase(2 * PARAMS.unbondSeconds)
      await mesh.finalizeJob(own)
      await connect(mesh, stranger).proveEquivocation(...proof)
      expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - PARAMS.minStakeWei)
      await expect(connect(mesh, stranger).proveEquivocation(...proof))
        .to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
        .withArgs(1, world.provider(0).key.address)
      await expectConserved(world)
    })
  }

  it('does not give the key back while it owes', async () => {
    const { world, mesh, owner, proof } = await locked(DUCK)
    const { key } = world.provider(0)
    await mesh.proveEquivocation(...proof)
    const rotation = { providerId: 1, newKey: key.address, keyEpoch: 1n }
    const signature = await signStruct(key, world.domain, 'KeyRotation', rotation)
    await expect(connect(mesh, owner).rotateKey(1, key.address, signature))
      .to.be.revertedWithCustomError(mesh, 'BurntKey')
      .withArgs(1, key.address)
  })
})
