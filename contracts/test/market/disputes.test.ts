import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import { anchor, anchorArguments, commitSeat, HONEST, open, roundOf, WRONG } from '../support/redundant.ts'
import { submitted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'

const HALF_WEI = BOND_WEI / 2n
const OWNER_START_WEI = DEPOSIT_WEI - STAKE_WEI
const JUDGES = [4, 5, 6]

/** Provider 1 submitted `output`; the challenger disputes it. */
async function disputed(output = WRONG, overrides: Partial<Order> = {}) {
  const world = await loadWorld()
  const { order, submittedAt } = await submitted(world, overrides, output)
  await connect(world.mesh, world.challenger).disputeJob(order, ethers.id('claimed output'))
  const disputedAt = await time.latest()
  return { world, mesh: world.mesh, order, jobId: world.jobIdOf(order), submittedAt, disputedAt }
}

async function judged(output: string, verdicts: string[], overrides: Partial<Order> = {}) {
  const context = await disputed(output, overrides)
  const round = roundOf(context.world, context.order, verdicts, { round: 2, ids: JUDGES })
  await anchor(context.world, round)
  return { ...context, round }
}

describe('Disputing a result', () => {
  it('locks the bond of the challenger and asks for a re-execution', async () => {
    const world = await loadWorld()
    const { mesh, challenger } = world
    const { order, submittedAt } = await submitted(world, {}, WRONG)
    const jobId = world.jobIdOf(order)
    await at(submittedAt + DISPUTE_WINDOW)
    await expect(connect(mesh, challenger).disputeJob(order, HONEST))
      .to.emit(mesh, 'JobDisputed')
      .withArgs(jobId, challenger.address, BOND_WEI, HONEST, submittedAt + DISPUTE_WINDOW + 2 * EXEC_WINDOW)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.round]).to.deep.equal([Status.disputed, 2n])
    const dispute = await mesh.disputeOf(jobId)
    expect(dispute.toArray()).to.deep.equal([challenger.address, 1n, BigInt(WRONG) >> 88n])
    expect(await world.freeOf(challenger)).to.equal(DEPOSIT_WEI - BOND_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI + BOND_WEI, lockedWei: BOND_WEI })
    await expect(mesh.finalizeJob(order)).to.be.revertedWithCustomError(mesh, 'BadState')
  })

  it('is possible up to the last second of the dispute window', async () => {
    const world = await loadWorld()
    const { order, submittedAt } = await submitted(world)
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await expect(connect(world.mesh, world.challenger).disputeJob(order, WRONG))
      .to.be.revertedWithCustomError(world.mesh, 'Expired')
      .withArgs(submittedAt + DISPUTE_WINDOW)
  })

  it('needs another output than the submitted one', async () => {
    const world = await loadWorld()
    const { order } = await submitted(world)
    await expect(connect(world.mesh, world.challenger).disputeJob(order, HONEST))
      .to.be.revertedWithCustomError(world.mesh, 'SameOutput')
      .withArgs(HONEST)
  })

  it('needs a coordinator, a bond and a free balance that covers it', async () => {
    const world = await loadWorld()
    const { mesh, challenger, stranger } = world
    const market = connect(mesh, challenger)
    const alone = await submitted(world, { coordinator: ethers.ZeroAddress })
    await expect(market.disputeJob(alone.order, WRONG))
      .to.be.revertedWithCustomError(mesh, 'NoCoordinator')
      .withArgs(world.jobIdOf(alone.order))
    const bondless = await submitted(world, { bondWei: 0n })
    await expect(market.disputeJob(bondless.order, WRONG))
      .to.be.revertedWithCustomError(mesh, 'NoBond')
      .withArgs(world.jobIdOf(bondless.order))
    const { order } = await submitted(world)
    await expect(connect(mesh, stranger).disputeJob(order, WRONG))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(stranger.address, 0, BOND_WEI)
  })

  it('needs a submitted result', async () => {
    const world = await loadWorld()
    const order = await world.orderOf()
    await expect(connect(world.mesh, world.challenger).disputeJob(order, WRONG))
      .to.be.revertedWithCustomError(world.mesh, 'BadState')
      .withArgs(world.jobIdOf(order), Status.none)
  })
})

describe('Judging a dispute', () => {
  it('upheld: the provider loses its bond to fire and judges, the price goes back', async () => {
    const { world, mesh, jobId, round } = await judged(WRONG, [HONEST, HONEST, HONEST])
    await expectConserved(world, { escrowWei: PRICE_WEI + BOND_WEI, lockedWei: 4n * BOND_WEI })
    const perJudge = HALF_WEI / 3n
    await expect(open(world, round))
      .to.emit(mesh, 'DisputeResolved')
      .withArgs(jobId, true)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, 5, 0, 3n * perJudge, BOND_WEI - 3n * perJudge)
      .and.to.emit(mesh, 'JobRefunded')
      .withArgs(jobId, PRICE_WEI)
      .and.to.emit(mesh, 'RedundantClosed')
      .withArgs(jobId, 2, HONEST, 0b111)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI)
    for (const id of JUDGES) {
      expect(await world.freeOf(world.provider(id - 1).owner)).to.equal(OWNER_START_WEI + netOf(perJudge))
    }
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect((await mesh.disputeOf(jobId)).challenger).to.equal(ethers.ZeroAddress)
    await expectConserved(world)
  })

  it('rejected: the challenger loses its bond to fire and judges, the provider is paid', async () => {
    const { world, mesh, jobId, round } = await judged(HONEST, [HONEST, HONEST, HONEST])
    const perJudge = HALF_WEI / 3n
    await expect(open(world, round))
      .to.emit(mesh, 'DisputeResolved')
      .withArgs(jobId, false)
      .and.to.emit(mesh, 'JobFinalized')
      .withArgs(jobId, 1, PRICE_WEI, 0)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI - BOND_WEI)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(OWNER_START_WEI + netOf(PRICE_WEI))
    expect(await world.freeOf(world.provider(3).owner)).to.equal(OWNER_START_WEI + netOf(perJudge))
    await expectConserved(world)
  })

  it('by two of three pays the two and slashes the third', async () => {
    const { world, mesh, jobId, round } = await judged(WRONG, [HONEST, WRONG, HONEST])
    await expect(open(world, round))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(5, jobId, 1, HALF_WEI, 0, HALF_WEI)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, 5, 0, HALF_WEI, HALF_WEI)
    expect(await world.freeOf(world.provider(3).owner)).to.equal(OWNER_START_WEI + netOf(HALF_WEI / 2n))
    await expectConserved(world)
  })

  it('without majority: the provider is paid, bonds go back, nobody is slashed', async () => {
    const { world, mesh, jobId, round } = await judged(WRONG, [HONEST, WRONG, ethers.id('third')])
    const sent = await open(world, round)
    await expect(sent).to.emit(mesh, 'DisputeResolved').withArgs(jobId, false)
    await expect(sent).to.not.emit(mesh, 'ProviderSlashed')
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('by silent judges: they are slashed, the provider is paid', async () => {
    const { world, mesh, jobId, round } = await judged(WRONG, [HONEST, HONEST, HONEST])
    await time.increase(EXEC_WINDOW + 1)
    await expect(open(world, round, []))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(4, jobId, 2, HALF_WEI, 0, HALF_WEI)
      .and.to.emit(mesh, 'DisputeResolved')
      .withArgs(jobId, false)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('burns the dust that does not divide among the judges', async () => {
    const { world, mesh, jobId, round } = await judged(WRONG, [HONEST, HONEST, HONEST], { bondWei: 9n })
    await expect(open(world, round)).to.emit(mesh, 'ProviderSlashed').withArgs(1, jobId, 5, 0, 3, 6)
    await expectConserved(world)
  })
})

describe('Seating a re-execution', () => {
  it('never seats the accused, and always three others', async () => {
    const { world, mesh, order } = await disputed()
    const withAccused = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: [2, 1, 3] })
    await expect(anchor(world, withAccused)).to.be.revertedWithCustomError(mesh, 'AccusedSeat').withArgs(1)
    const five = roundOf(world, order, Array(5).fill(HONEST), { round: 2, ids: [2, 3, 4, 5, 6] })
    await expect(anchor(world, five)).to.be.revertedWithCustomError(mesh, 'BadSeatCount').withArgs(5, 3)
  })

  it('needs the coordinator of the order, for round 2', async () => {
    const { world, mesh, order } = await disputed()
    const wrongRound = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 0, ids: JUDGES })
    await expect(anchor(world, wrongRound)).to.be.revertedWithCustomError(mesh, 'WrongRound').withArgs(0, 2)
    const round = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: JUDGES })
    const args = await anchorArguments(world, round)
    args[3] = '0x'
    await expect(mesh.anchorSeats(...args)).to.be.revertedWithCustomError(mesh, 'BadSignature')
  })

  it('is possible for two execution windows, to the second', async () => {
    const { world, mesh, order, disputedAt } = await disputed()
    const round = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: JUDGES })
    const args = await anchorArguments(world, round)
    const seatBy = disputedAt + 2 * EXEC_WINDOW
    await at(seatBy + 1)
    await expect(mesh.anchorSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(seatBy)
  })

  it('does not happen in time: the provider is paid and the challenger made whole', async () => {
    const { world, mesh, order, jobId, disputedAt } = await disputed()
    const seatBy = disputedAt + 2 * EXEC_WINDOW
    await at(seatBy)
    await expect(mesh.expireJob(order)).to.be.revertedWithCustomError(mesh, 'TooEarly').withArgs(seatBy)
    await at(seatBy + 1)
    await expect(mesh.expireJob(order))
      .to.emit(mesh, 'DisputeResolved')
      .withArgs(jobId, false)
      .and.to.emit(mesh, 'JobFinalized')
      .withArgs(jobId, 1, PRICE_WEI, 0)
    expect(await world.freeOf(world.challenger)).to.equal(DEPOSIT_WEI)
    expect((await mesh.jobOf(jobId)).tag).to.equal(BigInt(WRONG) >> 88n)
    await expectConserved(world)
  })

  it('works seat by seat as well', async () => {
    const { world, mesh, order, jobId, disputedAt } = await disputed()
    const round = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: JUDGES })
    await commitSeat(world, round, 0)
    await commitSeat(world, round, 1)
    await expect(mesh.expireJob(order)).to.be.revertedWithCustomError(mesh, 'BadState')
    await at(disputedAt + 2 * EXEC_WINDOW + 1)
    await mesh.sealSeats(order, round.assignment)
    const commitments = [round.commitments[0] ?? '', round.commitments[1] ?? '', ZERO_HASH]
    await expect(open(world, { ...round, commitments }, [0, 1]))
      .to.emit(mesh, 'DisputeResolved')
      .withArgs(jobId, true)
    expect((await mesh.providerOf(6)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })
})
