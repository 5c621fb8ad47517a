import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PARAMS,
  STAKE_WEI,
  time,
} from '../support/mesh.ts'
import { assignmentHashOf, HONEST, open, WRONG } from '../support/redundant.ts'
import { accepted, submitted } from '../support/signedLane.ts'
import { signStruct } from '../support/typedData.ts'
import { anchored, disputedJob, drawn, judge, passReveal } from './scenario.ts'

describe('Attack: unstaking before the slash', () => {
  it('cannot start for the locked part, in any state in which a bond can be lost', async () => {
    const lockers = [
      async () => ({ id: 3, ...(await anchored([HONEST, HONEST, WRONG])) }),
      async () => {
        const world = await loadWorld()
        await accepted(world)
        return { id: 1, world }
      },
      async () => {
        const world = await loadWorld()
        await submitted(world, {}, WRONG)
        return { id: 1, world }
      },
      async () => ({ id: 1, ...(await disputedJob(WRONG)) }),
    ]
    for (const prepare of lockers) {
      const { id, world } = await prepare()
      const { owner } = world.provider(id - 1)
      await expect(connect(world.mesh, owner).startUnstake(id, STAKE_WEI - BOND_WEI + 1n))
        .to.be.revertedWithCustomError(world.mesh, 'InsufficientStake')
        .withArgs(id, STAKE_WEI - BOND_WEI, STAKE_WEI - BOND_WEI + 1n)
    }
  })

  it('of everything else leaves the bond to be lost, silent or wrong', async () => {
    const { world, mesh, round } = await anchored([HONEST, HONEST, WRONG])
    const { owner } = world.provider(2)
    await connect(mesh, owner).startUnstake(3, STAKE_WEI - BOND_WEI)
    await passReveal()
    await open(world, round)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(0n)
    expect((await mesh.providerOf(3)).unstakingWei).to.equal(STAKE_WEI - BOND_WEI)
    await expectConserved(world)
  })

  it('while a dispute runs leaves the bond to be lost', async () => {
    const { world, mesh, order } = await disputedJob(WRONG)
    await connect(mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - BOND_WEI)
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await open(world, round)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(0n)
    await expectConserved(world)
  })

  it('right after accepting does not spare a late provider', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await accepted(world)
    await connect(mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - BOND_WEI)
    await at((await time.latest()) + EXEC_WINDOW + 1)
    await mesh.expireJob(order)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(0n)
    await expectConserved(world)
  })

  it('by promising more than the stake is refused: bonds of all open seats are inside it', async () => {
    const { world, mesh } = await anchored(undefined, { bondWei: STAKE_WEI - 1n })
    const order = await world.orderOf({ bondWei: 2n })
    await connect(mesh, world.requester).postJob(order)
    await expect(connect(mesh, world.provider(0).key).acceptJob(order, 1))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, 1, 2)
  })

  it('of everything does not spare a seat that signed two commitments', async () => {
    const { world, mesh, order, round } = await drawn()
    const { key, owner } = world.provider(0)
    const commits = ['one', 'two'].map((text) => ({
      assignmentHash: assignmentHashOf(round),
      providerId: 1,
      commitment: ethers.id(text),
    }))
    const [first, second] = await Promise.all(
      commits.map((commit) => signStruct(key, world.domain, 'SeatCommit', commit)),
    )
    await connect(mesh, owner).startUnstake(1, STAKE_WEI)
    await mesh.proveSeatEquivocation(order, round.assignment, commits[0], first, commits[1], second)
    expect((await mesh.providerOf(1)).unstakingWei).to.equal(STAKE_WEI - PARAMS.minStakeWei)
    await expectConserved(world)
  })
})
