import { expect } from 'chai'
import { Interface } from 'ethers'
import { artifacts } from 'hardhat'
import { newWork, otherCalls } from '../support/everyCall.ts'
import { at, connect } from '../support/mesh.ts'
import { post } from '../support/signedLane.ts'
import { freeze } from '../support/terms.ts'
import { loadVerified } from '../support/verified.ts'

describe('A frozen mesh', () => {
  it('is tested with every state-changing function of its interface', async () => {
    const all = new Interface((await artifacts.readArtifact('IDuckMesh')).abi)
    const changing: string[] = []
    all.forEachFunction(({ name, constant }) => {
      if (!constant) changing.push(name)
    })
    expect([...Object.keys(newWork), ...Object.keys(otherCalls)].sort()).to.deep.equal(changing.sort())
  })

  for (const [name, scenario] of Object.entries(newWork)) {
    it(`refuses new work up to the last second of the freeze: ${name}`, async () => {
      const verified = await loadVerified()
      const { world } = verified
      const act = await scenario(verified)
      const until = await freeze(world)
      await expect(act()).to.be.revertedWithCustomError(world.mesh, 'Frozen').withArgs(until)
      await at(until)
      await expect(act()).to.be.revertedWithCustomError(world.mesh, 'Frozen').withArgs(until)
      // no sync is needed for the end of it
      const again = await scenario(verified)
      await at(until + 1)
      await again()
    })
  }

  for (const [name, scenario] of Object.entries(otherCalls)) {
    it(`lets everything else go on: ${name}`, async () => {
      const verified = await loadVerified()
      const act = await scenario(verified)
      await freeze(verified.world)
      await act()
    })
  }
})

describe('A freeze', () => {
  it('is not known to a mesh that nobody synced', async () => {
    const { world } = await loadVerified()
    const { meshParams, deployer, mesh } = world
    await connect(meshParams, deployer).freeze(3_600, [])
    await post(world)
    await mesh.syncTerms()
    await expect(post(world)).to.be.revertedWithCustomError(mesh, 'Frozen')
  })

  it('that was ended early ends for the mesh when somebody syncs it', async () => {
    const { world } = await loadVerified()
    await freeze(world)
    await connect(world.meshParams, world.deployer).unfreeze()
    await expect(post(world)).to.be.revertedWithCustomError(world.mesh, 'Frozen')
    await connect(world.mesh, world.stranger).syncTerms()
    await post(world)
  })
})
