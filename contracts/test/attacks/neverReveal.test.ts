import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { BOND_WEI, connect, DEPOSIT_WEI, PRICE_WEI, STAKE_WEI, Status } from '../support/mesh.ts'
import { anchor, HONEST, open, openSeat, roundOf, WRONG } from '../support/redundant.ts'
import { anchored, passReveal } from './scenario.ts'

describe('Attack: never revealing', () => {
  it('loses the bond although the rest decide without the silent seat', async () => {
    const { world, mesh, round } = await anchored()
    await passReveal()
    await open(world, round, [0, 1])
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    await expectConserved(world)
  })

  it('loses the bond also when the job fails for lack of a majority', async () => {
    const { world, mesh, round, jobId } = await anchored([HONEST, WRONG, HONEST])
    await passReveal()
    await open(world, round, [0, 1])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.reseating)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    for (const id of [1, 2]) expect((await mesh.providerOf(id)).lockedWei).to.equal(0n)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('does not lower the majority: it is counted over assigned seats, not over opened ones', async () => {
    const { world, mesh, round, jobId } = await anchored()
    await passReveal()
    await open(world, round, [0])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.reseating)
  })

  it('of a whole round twice ends in a refund, and every silent bond is lost both times', async () => {
    const { world, mesh, round, jobId } = await anchored()
    await passReveal()
    await open(world, round, [])
    const second = roundOf(world, round.order, [HONEST, HONEST, HONEST], { round: 1 })
    await anchor(world, second)
    await passReveal()
    await open(world, second, [])
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    for (const id of [1, 2, 3]) {
      expect((await mesh.providerOf(id)).stakedWei).to.equal(STAKE_WEI - 2n * BOND_WEI)
    }
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + 3n * BOND_WEI)
    await expectConserved(world)
  })

  it('cannot be forced on a seat: whoever holds its opening may bring it, up to the settlement', async () => {
    const { world, mesh, round, jobId } = await anchored()
    await passReveal()
    await openSeat(world, round, 2)
    // Somebody settles and leaves out what the third seat had brought itself.
    await connect(mesh, world.challenger).openSeats(
      round.order,
      round.ids,
      round.commitments,
      [HONEST, HONEST, `0x${'00'.repeat(32)}`],
      [round.salts[0], round.salts[1], `0x${'00'.repeat(32)}`],
    )
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    expect((await mesh.providerOf(3)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })
})
