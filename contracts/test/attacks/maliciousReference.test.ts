import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { HONEST, open, WRONG } from '../support/redundant.ts'
import { loadVerified, Mode, proofOf, working } from '../support/verified.ts'
import { judge } from './scenario.ts'

/** An honest result of provider 1 in mode reference. */
async function honestResult() {
  const verified = await loadVerified()
  const { world, mesh } = verified
  const order = await working(world, { mode: Mode.reference })
  const jobId = world.jobIdOf(order)
  await connect(mesh, world.provider(0).key).submitResult(jobId, HONEST)
  return { ...verified, mesh, order, jobId }
}

describe('Attack: a malicious reference answer', () => {
  it('that differs slashes nobody and moves nothing: the result is paid after its window', async () => {
    const { world, mesh, verifier, order, jobId } = await honestResult()
    const reference = await proofOf({ world, verifier }, order, 1, WRONG)
    await expect(mesh.submitProof(order, WRONG, reference)).to.be.revertedWithCustomError(mesh, 'OtherOutput')
    await expect(mesh.submitProof(order, HONEST, reference)).to.be.revertedWithCustomError(mesh, 'BadProof')
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.submitted)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
    await time.increase(DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    await expectConserved(world)
  })

  it('that somebody disputes with costs that somebody its bond when the seats find the result', async () => {
    const { world, mesh, order, jobId } = await honestResult()
    await connect(mesh, world.challenger).disputeJob(order, WRONG)
    const round = await judge(world, order, [HONEST, HONEST, HONEST])
    await expect(open(world, round)).to.emit(mesh, 'DisputeResolved').withArgs(jobId, false)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI - BOND_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })

  it('that approves a wrong result ends the dispute window, and no more: nobody is slashed by it', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await working(world, { mode: Mode.reference })
    await connect(mesh, world.provider(0).key).submitResult(world.jobIdOf(order), WRONG)
    const verdict = await proofOf(verified, order, 1, WRONG)
    await expect(mesh.submitProof(order, WRONG, verdict)).to.not.emit(mesh, 'ProviderSlashed')
    await expect(connect(mesh, world.challenger).disputeJob(order, HONEST)).to.be.revertedWithCustomError(
      mesh,
      'BadState',
    )
    await expectConserved(world)
  })

  it('that comes after a dispute began decides nothing: the challenger gets its judges', async () => {
    const { world, mesh, verifier, order, jobId } = await honestResult()
    await connect(mesh, world.challenger).disputeJob(order, WRONG)
    const verdict = await proofOf({ world, verifier }, order)
    await expect(mesh.submitProof(order, HONEST, verdict))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(jobId, Status.disputed)
  })
})
