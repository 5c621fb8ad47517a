import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, ethers, PARAMS, STAKE_WEI, Status } from '../support/mesh.ts'
import {
  anchor,
  assignmentHashOf,
  commitSeat,
  HONEST,
  open,
  openSeat,
  revealSignatures,
  roundOf,
  settleSeatsArguments,
  signSeat,
} from '../support/redundant.ts'
import { commitmentOf, signStruct } from '../support/typedData.ts'
import { anchored, drawn, passReveal } from './scenario.ts'

describe("Attack: copying another seat's result", () => {
  it('a commitment copied from the mempool costs the copier its bond and holds nobody up', async () => {
    const { world, mesh, round, jobId } = await drawn()
    await commitSeat(world, round, 0)
    const copied = [round.commitments[0] ?? '', round.commitments[1] ?? '', round.commitments[0] ?? '']
    const copy = { ...round, commitments: copied }
    await commitSeat(world, copy, 2)
    await commitSeat(world, copy, 1)
    await open(world, copy, [0, 1])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })

  it('the copier does not block the original by committing first', async () => {
    const { world, mesh, round, jobId } = await drawn()
    const stolen = {
      ...round,
      commitments: round.commitments.map((own, i) => (i === 2 ? round.commitments[0] : own) ?? ''),
    }
    await commitSeat(world, stolen, 2)
    await commitSeat(world, stolen, 0)
    await commitSeat(world, stolen, 1)
    await open(world, stolen, [0, 1])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
  })

  it('an opening seen in the mempool opens no other seat', async () => {
    const { world, mesh, round } = await anchored()
    const [output, salt] = [round.outputs[0], round.salts[0]]
    await expect(
      connect(mesh, world.provider(1).key).openSeat(
        round.order,
        round.ids,
        round.commitments,
        1,
        output,
        salt,
      ),
    )
      .to.be.revertedWithCustomError(mesh, 'BadOpening')
      .withArgs(2)
  })

  it('an opening of seat 0 does not serve a seat that copied its commitment', async () => {
    const { world, mesh, round } = await drawn()
    round.commitments[2] = round.commitments[0] ?? ''
    await anchor(world, round)
    await openSeat(world, round, 0)
    await expect(openSeat(world, { ...round, salts: Array(3).fill(round.salts[0]) }, 2))
      .to.be.revertedWithCustomError(mesh, 'BadOpening')
      .withArgs(3)
  })

  it('a commitment is worth nothing in another job, another round or for another seat', async () => {
    const { world, mesh, round } = await drawn()
    const own = { jobId: round.jobId, round: 0, id: 1 }
    const foreign = [
      { ...own, jobId: ethers.id('another job') },
      { ...own, round: 1 },
      { ...own, id: 2 },
    ]
    for (const { jobId, round: number, id } of foreign) {
      const salt = round.salts[0] ?? ''
      const snapshot = await ethers.provider.send('evm_snapshot', [])
      const commitment = commitmentOf(jobId, number, id, HONEST, salt)
      const reused = { ...round, commitments: [commitment, ...round.commitments.slice(1)] }
      await anchor(world, reused)
      await expect(openSeat(world, reused, 0))
        .to.be.revertedWithCustomError(mesh, 'BadOpening')
        .withArgs(1)
      await ethers.provider.send('evm_revert', [snapshot])
    }
  })

  it('without the 32-byte salt a guessed output does not match the public commitment', async () => {
    const { world, mesh, round } = await anchored()
    await expect(openSeat(world, { ...round, salts: Array(3).fill(ethers.ZeroHash) }, 0))
      .to.be.revertedWithCustomError(mesh, 'BadOpening')
      .withArgs(1)
  })

  it('two copiers who wait for each other lose both bonds after the reveal deadline', async () => {
    const { world, mesh, order } = await drawn()
    const round = roundOf(world, order, [HONEST, HONEST, HONEST])
    const nobody = ethers.id('a commitment nobody can open')
    round.commitments[1] = nobody
    round.commitments[2] = nobody
    await anchor(world, round)
    await passReveal()
    await open(world, round, [0])
    for (const id of [2, 3]) expect((await mesh.providerOf(id)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
  })

  it('a seat that promised before it computed gets nothing by the short way, and loses its bond by the long one', async () => {
    const { world, mesh, order, round } = await drawn()
    // It saw the output that the others revealed off chain, and knows no salt for its own promise.
    const promised = { ...round, commitments: [...round.commitments.slice(0, 2), ethers.id('a promise')] }
    const theirs = await revealSignatures(world, promised)
    const args = await settleSeatsArguments(world, round)
    args[6] = theirs
    await expect(mesh.settleSeats(...args)).to.be.revertedWithCustomError(mesh, 'BadSignature')
    await anchor(world, promised)
    await passReveal()
    await open(world, promised, [0, 1])
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect((await mesh.jobOf(world.jobIdOf(order))).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('a seat that signs a second commitment after it saw the outputs is slashed for both', async () => {
    const { world, mesh, order, round } = await drawn()
    const { key } = world.provider(2)
    const assignmentHash = assignmentHashOf(round)
    const promise = { assignmentHash, providerId: 3, commitment: ethers.id('a promise') }
    const copy = { assignmentHash, providerId: 3, commitment: round.commitments[2] }
    const [first, second] = await Promise.all(
      [promise, copy].map((commit) => signStruct(key, world.domain, 'SeatCommit', commit)),
    )
    await connect(mesh, world.provider(0).owner).proveSeatEquivocation(
      order,
      round.assignment,
      promise,
      first,
      copy,
      second,
    )
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - PARAMS.minStakeWei)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'BadSignature')
    await expectConserved(world)
  })

  it('a seat that commits on chain after it saw the reveals is slashed by that commitment and its promise', async () => {
    const { world, mesh, order, round, jobId } = await drawn()
    // Off chain it had promised something else; the others revealed and hold its promise.
    const promised = { ...round, commitments: [...round.commitments.slice(0, 2), ethers.id('a promise')] }
    const [promise, copy] = [await signSeat(world, promised, 2), await signSeat(world, round, 2)]
    await commitSeat(world, round, 2)
    await anchor(world, round)
    await open(world, round)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    const seat = { assignmentHash: assignmentHashOf(round), providerId: 3 }
    const [first, second] = [promised, round].map(({ commitments }) => ({
      ...seat,
      commitment: commitments[2],
    }))
    await mesh.proveSeatEquivocation(order, round.assignment, first, promise, second, copy)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - PARAMS.minStakeWei)
    expect(PARAMS.minStakeWei).to.be.greaterThan(order.priceWei / 3n)
    await expectConserved(world)
  })
})
