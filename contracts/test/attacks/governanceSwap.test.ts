import { expect } from 'chai'
import { Interface } from 'ethers'
import { artifacts } from 'hardhat'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf, netOf } from '../support/fees.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  loadWorld,
  NOTICE_SECONDS,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  TERMS,
  time,
} from '../support/mesh.ts'
import { anchor, HONEST, open, redundantOrder, roundOf, WRONG } from '../support/redundant.ts'
import { accepted } from '../support/signedLane.ts'
import { ADOPTION_SECONDS } from '../support/terms.ts'

const WORST = { feeBps: 1_000, minBondBps: 50_000, maxJobLifeSeconds: 60 }
const START_WEI = DEPOSIT_WEI - STAKE_WEI

/** The worst terms are published, and take effect two minutes from now. */
async function loomingTerms() {
  const world = await loadWorld()
  await connect(world.meshParams, world.deployer).publish(WORST)
  await time.increase(NOTICE_SECONDS - 120)
  return { world, mesh: world.mesh }
}

describe('Attack: governance changes the rules under signed jobs', () => {
  it('by a higher fee: what a provider accepted is paid at the fee it knew', async () => {
    const { world, mesh } = await loomingTerms()
    const order = await accepted(world)
    await time.increase(121)
    await mesh.syncTerms()
    await connect(mesh, world.provider(0).key).submitResult(world.jobIdOf(order), HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(START_WEI + netOf(PRICE_WEI, TERMS.feeBps))
    expect(await collectedWei(world)).to.equal(feeOf(PRICE_WEI, TERMS.feeBps))
    await expectConserved(world)
  })

  it('by moving a provider to the new fee: nobody can while a job of before may run', async () => {
    const { world, mesh } = await loomingTerms()
    await accepted(world)
    await time.increase(121)
    await mesh.syncTerms()
    const { effectiveAt } = await world.meshParams.current()
    await at(Number(effectiveAt) + ADOPTION_SECONDS)
    for (const caller of [world.deployer, world.treasury, world.requester]) {
      await expect(connect(mesh, caller).adoptTerms(1)).to.be.revertedWithCustomError(mesh, 'NotProvider')
    }
  })

  it('by a larger bond or a shorter life: a round that was entered is seated again as it was', async () => {
    const { world, mesh } = await loomingTerms()
    const order = await redundantOrder(world, { bondWei: 1n })
    const first = roundOf(world, order, [HONEST, WRONG, `0x${'11'.repeat(32)}`])
    await anchor(world, first)
    await time.increase(121)
    await mesh.syncTerms()
    await open(world, first)
    const second = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 1, ids: [4, 5, 6] })
    await anchor(world, second)
    await open(world, second)
    expect((await mesh.jobOf(first.jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('by a freeze: everything that is in comes out, see "A frozen mesh"', async () => {
    const { world, mesh } = await loomingTerms()
    const { requester, deployer, meshParams } = world
    const order = await accepted(world)
    await connect(meshParams, deployer).freeze(14 * 86_400, [await mesh.getAddress()])
    await connect(mesh, requester).withdraw(await world.freeOf(requester), requester.address)
    await connect(mesh, world.provider(0).key).submitResult(world.jobIdOf(order), HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    await expectConserved(world)
  })

  it('by another verifier, treasury or code is impossible: nothing sets them', async () => {
    const all = new Interface((await artifacts.readArtifact('IDuckMesh')).abi)
    all.forEachFunction(({ name, constant }) => {
      if (!constant) expect(name).to.not.match(/^(set(?!Endpoint$)[A-Z]|upgrade|transferOwner|pause|sweep)/)
    })
    const { mesh, treasury } = await loadWorld()
    expect(await mesh.treasury()).to.equal(treasury.address)
  })
})
