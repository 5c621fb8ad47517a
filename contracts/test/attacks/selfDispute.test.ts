import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { feeOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  connect,
  DISPUTE_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  time,
  type World,
} from '../support/mesh.ts'
import { anchor, HONEST, open, redundantOrder, roundOf, WRONG } from '../support/redundant.ts'
import { disputedJob, judge, wealthOf } from './scenario.ts'

const FEE_WEI = feeOf(PRICE_WEI)

/** What a coalition of the requester, the challenger and the owners of some providers has together, DUCK wei. */
async function coalitionWei(world: World, ids: number[]): Promise<bigint> {
  let sumWei = (await world.freeOf(world.requester)) + (await world.freeOf(world.challenger))
  for (const id of ids) sumWei += await wealthOf(world, world.provider(id - 1).owner)
  return sumWei
}

describe('Attack: self-dispute and wash jobs', () => {
  it('a job bought from oneself costs the fee', async () => {
    const world = await loadWorld()
    const { owner, key } = world.provider(0)
    const before = await wealthOf(world, owner)
    const order = await world.orderOf({ requester: owner.address })
    await connect(world.mesh, owner).postJob(order)
    await connect(world.mesh, key).acceptJob(order, 1)
    await connect(world.mesh, key).submitResult(world.jobIdOf(order), HONEST)
    await at((await time.latest()) + DISPUTE_WINDOW + 1)
    await world.mesh.finalizeJob(order)
    expect(before - (await wealthOf(world, owner))).to.equal(FEE_WEI)
  })

  it('a dispute won against oneself costs at least half of the bond', async () => {
    const { world, order } = await disputedJob(WRONG)
    // Bonds in the air belong to the coalition: the challenger's is out of its balance.
    const before = (await coalitionWei(world, [1, 4, 5, 6])) + BOND_WEI + PRICE_WEI
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await open(world, round)
    expect(before - (await coalitionWei(world, [1, 4, 5, 6]))).to.be.at.least(BOND_WEI / 2n)
    await expectConserved(world)
  })

  it('a dispute lost against oneself costs at least half of the bond and the fee', async () => {
    const { world, order } = await disputedJob(HONEST)
    const before = (await coalitionWei(world, [1, 4, 5, 6])) + BOND_WEI + PRICE_WEI
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await open(world, round)
    expect(before - (await coalitionWei(world, [1, 4, 5, 6]))).to.be.at.least(BOND_WEI / 2n + FEE_WEI)
  })

  it('a dispute by a friend does not spare a wrong provider, nor is there a second one', async () => {
    const { world, mesh, order } = await disputedJob(WRONG)
    await expect(connect(mesh, world.requester).disputeJob(order, HONEST)).to.be.revertedWithCustomError(
      mesh,
      'BadState',
    )
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await expect(open(world, round)).to.emit(mesh, 'DisputeResolved').withArgs(world.jobIdOf(order), true)
  })

  it('a requester that fills the seats itself and slashes one of them loses by it', async () => {
    const world = await loadWorld()
    const before = await coalitionWei(world, [1, 2, 3])
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, ethers.id('thrown away')])
    await anchor(world, round)
    await open(world, round)
    const lost = before - (await coalitionWei(world, [1, 2, 3]))
    expect(lost).to.equal(BOND_WEI / 2n + 2n * feeOf(PRICE_WEI / 3n))
  })
})
