import { expect } from 'chai'
import { connect, ethers, loadWorld, type World } from '../support/mesh.ts'
import { anchorArguments, HONEST, redundantOrder, roundOf } from '../support/redundant.ts'
import { signStruct } from '../support/typedData.ts'

function proof(world: World, keyEpoch: number, providerId = 1, signer = world.stranger) {
  const message = { providerId, newKey: world.stranger.address, keyEpoch }
  return signStruct(signer, world.domain, 'KeyRotation', message)
}

describe('Signing keys', () => {
  it('are replaced with proof of possession', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { owner, key } = world.provider(0)
    await expect(connect(mesh, owner).rotateKey(1, stranger.address, await proof(world, 1)))
      .to.emit(mesh, 'KeyRotated')
      .withArgs(1, stranger.address, 1)
    expect(await mesh.providerIdByKey(stranger.address)).to.equal(1n)
    expect(await mesh.providerIdByKey(key.address)).to.equal(0n)
    const { signingKey, keyEpoch, lockedWei, stakedWei } = await mesh.providerOf(1)
    expect([signingKey, keyEpoch, lockedWei]).to.deep.equal([stranger.address, 1n, 0n])
    expect(stakedWei).to.be.greaterThan(0n)
    await expect(connect(mesh, key).heartbeat(1)).to.be.revertedWithCustomError(mesh, 'NotProvider')
    await connect(mesh, stranger).heartbeat(1)
  })

  it('are not replaced by a proof of another key, epoch or provider', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { owner, key } = world.provider(0)
    const proofs = [proof(world, 1, 1, key), proof(world, 0), proof(world, 2), proof(world, 1, 2)]
    for (const bad of await Promise.all(proofs)) {
      await expect(connect(mesh, owner).rotateKey(1, stranger.address, bad))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(stranger.address)
    }
  })

  it('are not replaced by the owner of another provider, nor by a key in use, nor by zero', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { owner } = world.provider(0)
    const other = world.provider(1)
    await expect(
      connect(mesh, other.owner).rotateKey(1, stranger.address, await proof(world, 1)),
    ).to.be.revertedWithCustomError(mesh, 'NotOwner')
    await expect(connect(mesh, owner).rotateKey(1, other.key.address, '0x'))
      .to.be.revertedWithCustomError(mesh, 'KeyTaken')
      .withArgs(other.key.address, 2)
    await expect(connect(mesh, owner).rotateKey(1, ethers.ZeroAddress, '0x')).to.be.revertedWithCustomError(
      mesh,
      'ZeroKey',
    )
  })

  it('sign no seats after the rotation', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    const signedBefore = await anchorArguments(world, round)
    await connect(mesh, world.provider(0).owner).rotateKey(1, stranger.address, await proof(world, 1))
    await expect(mesh.anchorSeats(...signedBefore))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(stranger.address)
  })
})
