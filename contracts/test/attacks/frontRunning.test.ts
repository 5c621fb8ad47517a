import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, ethers, PRICE_WEI, STAKE_WEI, Status } from '../support/mesh.ts'
import { anchor, anchorArguments, commitSeat, open } from '../support/redundant.ts'
import { post } from '../support/signedLane.ts'
import { signStruct } from '../support/typedData.ts'
import { AGREED, drawn } from './scenario.ts'

describe('Attack: front-running an anchor', () => {
  it('by sending the same call first changes nothing but the sender', async () => {
    const { world, mesh, round, jobId } = await drawn()
    const args = await anchorArguments(world, round)
    await connect(mesh, world.challenger).anchorSeats(...args)
    await expect(connect(mesh, world.coordinator).anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(jobId, Status.anchored)
    await open(world, round)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('by a seat that commits something else makes the anchor fail, binds that seat, and costs the others nothing', async () => {
    const { world, mesh, round, jobId } = await drawn()
    const args = await anchorArguments(world, round)
    const other = ethers.id('something else')
    await commitSeat(world, { ...round, commitments: [other, '', ''] }, 0)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'CommitmentMismatch')
      .withArgs(1)
    // The signatures of the other two still serve, with what the first seat bound itself to.
    await mesh.anchorSeats(
      ...([...args.slice(0, 4), [other, ...round.commitments.slice(1)], args[5]] as typeof args),
    )
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.anchored)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
  })

  it('by a seat that unstakes, or changes its key, stops the anchor before any money moved', async () => {
    const { world, mesh, round } = await drawn()
    const args = await anchorArguments(world, round)
    const { owner, key } = world.provider(0)
    const snapshot = await ethers.provider.send('evm_snapshot', [])
    await connect(mesh, owner).startUnstake(1, STAKE_WEI)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(1)
    await expectConserved(world)
    await ethers.provider.send('evm_revert', [snapshot])

    const next = world.stranger
    const rotation = { providerId: 1, newKey: next.address, keyEpoch: 1 }
    const proof = await signStruct(next, world.domain, 'KeyRotation', rotation)
    await connect(mesh, owner).rotateKey(1, next.address, proof)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(next.address)
    expect(await mesh.providerIdByKey(key.address)).to.equal(0n)
    await expectConserved(world)
  })

  it('by a seat that was replaced, with the old assignment, delays the job but takes nothing', async () => {
    const { world, mesh, order, round, jobId } = await drawn()
    const replaced = { ...round, ids: [4, 2, 3], assignment: { ...round.assignment, seats: [4, 2, 3] } }
    await commitSeat(world, round, 0)
    await expect(anchor(world, replaced))
      .to.be.revertedWithCustomError(mesh, 'AssignmentMismatch')
      .withArgs(jobId)
    await ethers.provider.send('evm_setNextBlockTimestamp', [order.acceptBy + 1])
    await mesh.sealSeats(order, round.assignment)
    const sealed = { ...round, commitments: [round.commitments[0] ?? '', ethers.ZeroHash, ethers.ZeroHash] }
    await open(world, sealed, [0])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.reseating)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })
})

describe('Attack: front-running an accept', () => {
  it('of a directed order is refused to every other provider', async () => {
    const { world, mesh } = await drawn()
    const order = await post(world, { providerId: 3 })
    for (const index of [0, 1, 3]) {
      const { id, key } = world.provider(index)
      await expect(connect(mesh, key).acceptJob(order, id)).to.be.revertedWithCustomError(
        mesh,
        'WrongProvider',
      )
      await expect(connect(mesh, key).acceptJob(order, 3)).to.be.revertedWithCustomError(mesh, 'NotProvider')
    }
    await connect(mesh, world.provider(2).key).acceptJob(order, 3)
  })

  it('cannot change the price or the bond: an altered order is another job', async () => {
    const { world, mesh } = await drawn()
    const order = await post(world)
    const { id, key } = world.provider(0)
    for (const altered of [{ priceWei: PRICE_WEI - 1n }, { bondWei: 10n * BOND_WEI }, { execWindow: 1 }]) {
      await expect(connect(mesh, key).acceptJob({ ...order, ...altered }, id)).to.be.revertedWithCustomError(
        mesh,
        'BadState',
      )
    }
  })

  it('by a cancel leaves the provider without bond locked', async () => {
    const { world, mesh } = await drawn(AGREED)
    const order = await post(world)
    await connect(mesh, world.requester).cancelJob(order)
    const { id, key } = world.provider(0)
    await expect(connect(mesh, key).acceptJob(order, id)).to.be.revertedWithCustomError(mesh, 'BadState')
    await expectConserved(world)
  })
})
