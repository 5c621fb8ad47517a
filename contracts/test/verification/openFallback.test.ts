import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  BOND_WEI,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import { anchor, HONEST, open, openSeat, redundantOrder, roundOf, WRONG } from '../support/redundant.ts'

const HALF_WEI = BOND_WEI / 2n

async function prepared(outputs = [HONEST, HONEST, HONEST]) {
  const world = await loadWorld()
  const order = await redundantOrder(world)
  const round = roundOf(world, order, outputs)
  return { world, mesh: world.mesh, order, round, jobId: round.jobId }
}

describe('When nobody opens', () => {
  it('seats open one by one, and anybody settles what is stored', async () => {
    const { world, mesh, round, jobId } = await prepared()
    await anchor(world, round)
    await expect(openSeat(world, round, 1))
      .to.emit(mesh, 'SeatOpened')
      .withArgs(jobId, 0, 2, HONEST)
    expect(await mesh.seatOpeningOf(jobId, 2)).to.equal(HONEST)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.round]).to.deep.equal([Status.anchored, 0n])
    await openSeat(world, round, 0)
    await openSeat(world, round, 2)
    await expect(open(world, round, []))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(jobId, 0, HONEST, 0b111)
    for (const id of round.ids) expect(await mesh.seatOpeningOf(jobId, id)).to.equal(ZERO_HASH)
    await expectConserved(world)
  })

  it('stored openings and given ones add up', async () => {
    const { world, mesh, round } = await prepared([HONEST, HONEST, WRONG])
    await anchor(world, round)
    await openSeat(world, round, 2)
    await expect(open(world, round, [0, 1]))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b011)
    await expectConserved(world)
  })

  it('an opening given twice counts once and leaves no storage behind', async () => {
    const { world, mesh, round } = await prepared()
    await anchor(world, round)
    await openSeat(world, round, 0)
    await expect(open(world, round)).to.emit(mesh, 'RedundantClosed').withArgs(round.jobId, 0, HONEST, 0b111)
    expect(await mesh.seatOpeningOf(round.jobId, 1)).to.equal(ZERO_HASH)
  })

  it('a stored opening saves its seat after the deadline', async () => {
    const { world, mesh, round } = await prepared()
    await anchor(world, round)
    await openSeat(world, round, 0)
    await time.increase(EXEC_WINDOW + 1)
    const sent = await open(world, round, [])
    await expect(sent).to.emit(mesh, 'ProviderSlashed').withArgs(2, round.jobId, 2, HALF_WEI, 0, HALF_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('a stored opening of the first round is gone in the second', async () => {
    const { world, mesh, order, jobId } = await prepared()
    const first = roundOf(world, order, [HONEST, WRONG, ethers.id('third')])
    await anchor(world, first)
    for (const index of [0, 1, 2]) await openSeat(world, first, index)
    await open(world, first, [])
    expect(await mesh.seatOpeningOf(jobId, 1)).to.equal(ZERO_HASH)
    const second = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 1 })
    await anchor(world, second)
    await expect(open(world, second, [1, 2])).to.be.revertedWithCustomError(mesh, 'TooEarly')
    await open(world, second)
    await expectConserved(world)
  })

  it('an opening must be right, at a seat that exists, and not stored yet', async () => {
    const { world, mesh, round } = await prepared()
    await anchor(world, round)
    await expect(openSeat(world, { ...round, outputs: [WRONG, HONEST, HONEST] }, 0))
      .to.be.revertedWithCustomError(mesh, 'BadOpening')
      .withArgs(1)
    await expect(mesh.openSeat(round.order, round.ids, round.commitments, 3, HONEST, ZERO_HASH))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(3, 3)
    await expect(openSeat(world, { ...round, ids: [1, 2, 4] }, 0)).to.be.revertedWithCustomError(
      mesh,
      'SeatsMismatch',
    )
    await openSeat(world, round, 0)
    await expect(openSeat(world, round, 0))
      .to.be.revertedWithCustomError(mesh, 'AlreadyOpened')
      .withArgs(1)
  })
})
