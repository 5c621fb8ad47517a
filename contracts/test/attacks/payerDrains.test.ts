import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  PRICE_WEI,
  STAKE_WEI,
  Status,
} from '../support/mesh.ts'
import { anchor, commitSeat, open, settleSeats } from '../support/redundant.ts'
import { submitted } from '../support/signedLane.ts'
import { anchored, drawn } from './scenario.ts'

describe('Attack: the payer drains its balance', () => {
  it('after the anchor leaves the price in escrow, and the seats are paid', async () => {
    const { world, mesh, round, jobId } = await anchored()
    const { requester } = world
    await expect(connect(mesh, requester).withdraw(DEPOSIT_WEI, requester.address))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, DEPOSIT_WEI - PRICE_WEI, DEPOSIT_WEI)
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - PRICE_WEI, requester.address)
    await open(world, round)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('after posting leaves the price in escrow, and the provider is paid', async () => {
    const { world, mesh } = await drawn()
    const { requester } = world
    const { order, submittedAt } = await submitted(world)
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - PRICE_WEI, requester.address)
    await connect(mesh, requester).invalidateNonces(order.nonce >> 8n, 2n ** 256n - 1n)
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    await expectConserved(world)
  })

  it('before the anchor stops it: seats lock nothing, and their results stay sealed', async () => {
    const { world, mesh, round } = await drawn()
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI, requester.address)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'InsufficientFree')
    await expect(commitSeat(world, round, 0)).to.be.revertedWithCustomError(mesh, 'InsufficientFree')
    for (const id of [1, 2, 3]) expect((await mesh.providerOf(id)).lockedWei).to.equal(0n)
    await expectConserved(world)
  })

  it('before the anchor by voiding the nonce has the same effect', async () => {
    const { world, mesh, order, round } = await drawn()
    await connect(mesh, world.requester).invalidateNonces(order.nonce >> 8n, 1n << (order.nonce & 0xffn))
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'NonceUsed')
    await expectConserved(world)
  })

  it('between two orders that the balance covers one of pays the one that is anchored first', async () => {
    const { world, mesh, round } = await drawn()
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - PRICE_WEI, requester.address)
    await anchor(world, round)
    const order = await world.orderOf({ priceWei: 1n })
    await expect(connect(mesh, requester).postJob(order)).to.be.revertedWithCustomError(
      mesh,
      'InsufficientFree',
    )
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
  })

  it('before seats that agree are settled leaves them unpaid, and their stake whole', async () => {
    const { world, mesh, round } = await drawn()
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI, requester.address)
    await expect(settleSeats(world, round)).to.be.revertedWithCustomError(mesh, 'InsufficientFree')
    for (const id of [1, 2, 3]) {
      const { stakedWei, lockedWei } = await mesh.providerOf(id)
      expect([stakedWei, lockedWei]).to.deep.equal([STAKE_WEI, 0n])
    }
    await connect(mesh, requester).deposit(PRICE_WEI)
    await settleSeats(world, round)
    await expectConserved(world)
  })
})
