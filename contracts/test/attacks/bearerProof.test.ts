import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import { connect, DEPOSIT_WEI, PRICE_WEI, STAKE_WEI } from '../support/mesh.ts'
import { HONEST, WRONG } from '../support/redundant.ts'
import { loadVerified, Mode, proofOf, verifiedOrder, working } from '../support/verified.ts'

const START_WEI = DEPOSIT_WEI - STAKE_WEI

describe('Attack: copying a proof from the mempool', () => {
  it('for a job that another provider accepted is refused to everybody but that provider', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await working(world)
    const proof = await proofOf(verified, order)
    const thief = world.provider(1)
    for (const caller of [thief.key, thief.owner, world.stranger]) {
      await expect(connect(mesh, caller).submitProof(order, HONEST, proof)).to.be.revertedWithCustomError(
        mesh,
        'NotProvider',
      )
    }
    await connect(mesh, world.provider(0).key).submitProof(order, HONEST, proof)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(START_WEI + netOf(PRICE_WEI))
    await expectConserved(world)
  })

  it('for an order that anybody may settle proves nothing for the thief: the provider is asked about', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await verifiedOrder(world)
    const signature = await world.signOrder(order)
    const proof = await proofOf(verified, order)
    await expect(connect(mesh, world.provider(1).key).settleProof(order, signature, 2, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadProof')
      .withArgs(world.jobIdOf(order), 2)
    await connect(mesh, world.provider(0).key).settleProof(order, signature, 1, HONEST, proof)
    expect(await world.freeOf(world.provider(1).owner)).to.equal(START_WEI)
    await expectConserved(world)
  })

  it('serves no other job of the same request, nor another output', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const [first, second] = [await working(world), await working(world)]
    const proof = await proofOf(verified, first)
    const byKey = connect(mesh, world.provider(0).key)
    await expect(byKey.submitProof(second, HONEST, proof)).to.be.revertedWithCustomError(mesh, 'BadProof')
    await expect(byKey.submitProof(first, WRONG, proof)).to.be.revertedWithCustomError(mesh, 'BadProof')
  })

  it('that is a verdict on a submitted result pays who submitted it, whoever brings it', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await working(world, { mode: Mode.reference })
    await connect(mesh, world.provider(0).key).submitResult(world.jobIdOf(order), HONEST)
    const verdict = await proofOf(verified, order)
    await connect(mesh, world.provider(1).key).submitProof(order, HONEST, verdict)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(START_WEI + netOf(PRICE_WEI))
    expect(await world.freeOf(world.provider(1).owner)).to.equal(START_WEI)
    await expectConserved(world)
  })
})
