import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, ethers, STAKE_WEI, Status } from '../support/mesh.ts'
import { anchor, commitSeat, HONEST, open, openSeat, roundOf } from '../support/redundant.ts'
import { commitmentOf } from '../support/typedData.ts'
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
})
