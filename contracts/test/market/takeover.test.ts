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
  type World,
} from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { accepted, submitted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'

const LATE = 4
const START_WEI = DEPOSIT_WEI - STAKE_WEI

/** A job that provider 1 accepted; also the last second in which it could deliver. */
async function due(overrides: Partial<Order> = {}) {
  const world = await loadWorld()
  const order = await accepted(world, overrides)
  const dueAt = (await time.latest()) + EXEC_WINDOW
  return { world, mesh: world.mesh, order, jobId: world.jobIdOf(order), dueAt }
}

/** The next block comes one second too late for provider 1. */
async function late(overrides: Partial<Order> = {}) {
  const context = await due(overrides)
  await at(context.dueAt + 1)
  return context
}

/** Provider `id` takes the job over by its signing key. */
function takeOver({ mesh, provider }: World, order: Order, id = 2) {
  return connect(mesh, provider(id - 1).key).takeOverJob(order, id)
}

describe('Taking over a late job', () => {
  it('gives it to another provider with a new window, and splits the bond of the late one', async () => {
    const { world, mesh, order, jobId, dueAt } = await late()
    const quarterWei = BOND_WEI / 4n
    await expect(takeOver(world, order))
      .to.emit(mesh, 'JobTakenOver')
      .withArgs(jobId, 1, 2, quarterWei)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, LATE, quarterWei, quarterWei, BOND_WEI / 2n)
      .and.to.emit(mesh, 'JobAccepted')
      .withArgs(jobId, 2, dueAt + 1 + EXEC_WINDOW)
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.takenOver, job.providerId, job.tag]).to.deep.equal([
      Status.active,
      true,
      2n,
      BigInt(dueAt + 1 + EXEC_WINDOW),
    ])
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - BOND_WEI)
    expect((await mesh.providerOf(2)).lockedWei).to.equal(BOND_WEI)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI + quarterWei)
    expect(await world.freeOf(world.provider(1).owner)).to.equal(START_WEI + netOf(quarterWei))
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
  })

  it('pays the price to whoever delivers then', async () => {
    const { world, mesh, order, jobId } = await late()
    await takeOver(world, order)
    await connect(mesh, world.provider(1).key).submitResult(jobId, HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    expect(await world.freeOf(world.provider(1).owner)).to.equal(START_WEI + netOf(BOND_WEI / 4n + PRICE_WEI))
    expect(await world.freeOf(world.provider(0).owner)).to.equal(START_WEI)
    await expectConserved(world)
  })

  for (const [bondWei, toRequester, toTaker, burned] of [
    [0n, 0n, 0n, 0n],
    [1n, 0n, 0n, 1n],
    [2n, 1n, 0n, 1n],
    [3n, 1n, 0n, 2n],
    [5n, 1n, 1n, 3n],
    [6n, 2n, 1n, 3n],
    [7n, 2n, 1n, 4n],
  ] as const) {
    it(`divides a bond of ${bondWei} wei whole: ${burned} burned, ${toRequester} to the requester, ${toTaker} to the taker`, async () => {
      const { world, mesh, order, jobId } = await late({ bondWei })
      await expect(takeOver(world, order))
        .to.emit(mesh, 'ProviderSlashed')
        .withArgs(1, jobId, LATE, toRequester, toTaker, burned)
      await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: bondWei })
    })
  }

  it('begins one second after the job was due', async () => {
    const { world, mesh, order, dueAt } = await due()
    await at(dueAt)
    await expect(takeOver(world, order)).to.be.revertedWithCustomError(mesh, 'TooEarly').withArgs(dueAt)
    await at(dueAt + 1)
    await takeOver(world, order)
  })

  it('ends one execution window after the job was due, to the second', async () => {
    for (const [after, refused] of [
      [EXEC_WINDOW, false],
      [EXEC_WINDOW + 1, true],
    ] as const) {
      const { world, mesh, order, dueAt } = await due()
      await at(dueAt + after)
      if (!refused) await takeOver(world, order)
      else {
        await expect(takeOver(world, order))
          .to.be.revertedWithCustomError(mesh, 'Expired')
          .withArgs(dueAt + EXEC_WINDOW)
      }
    }
  })

  it('happens once', async () => {
    const { world, mesh, order, jobId } = await late()
    await takeOver(world, order)
    await time.increase(EXEC_WINDOW + 1)
    await expect(takeOver(world, order, 3))
      .to.be.revertedWithCustomError(mesh, 'TakenOverAlready')
      .withArgs(jobId, 2)
  })

  it('is not for the provider that is late', async () => {
    const { world, mesh, order } = await late()
    await expect(takeOver(world, order, 1))
      .to.be.revertedWithCustomError(mesh, 'WrongProvider')
      .withArgs(1, 0)
  })

  it('is not possible for an order that names its provider', async () => {
    const { world, mesh, order } = await late({ providerId: 1 })
    await expect(takeOver(world, order)).to.be.revertedWithCustomError(mesh, 'WrongProvider').withArgs(2, 1)
  })

  it('is for owner and key of the taking provider only', async () => {
    const { world, mesh, order, dueAt } = await late()
    await expect(connect(mesh, world.stranger).takeOverJob(order, 2))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(2, world.stranger.address)
    await at(dueAt + 5)
    await connect(mesh, world.provider(1).owner).takeOverJob(order, 2)
  })

  it('needs stake for the bond, and enough of it to be active', async () => {
    const { world, mesh, order } = await due({ bondWei: STAKE_WEI })
    const { owner } = world.provider(1)
    await connect(mesh, owner).startUnstake(2, 1)
    await connect(mesh, world.provider(2).owner).startUnstake(3, STAKE_WEI)
    await time.increase(EXEC_WINDOW)
    await expect(takeOver(world, order))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(2, STAKE_WEI - 1n, STAKE_WEI)
    await expect(takeOver(world, order, 3))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(3)
  })

  it('means nothing for a job that nobody works on', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { order } = await submitted(world)
    for (const [which, status] of [
      [order, Status.submitted],
      [await world.orderOf(), Status.none],
    ] as const) {
      await expect(takeOver(world, which))
        .to.be.revertedWithCustomError(mesh, 'BadState')
        .withArgs(world.jobIdOf(which), status)
    }
  })

  it('comes too late when somebody expired the job first', async () => {
    const { world, mesh, order, jobId } = await late()
    await mesh.expireJob(order)
    await expect(takeOver(world, order))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(jobId, Status.failed)
    await expectConserved(world)
  })
})

describe('A job that was taken over', () => {
  it('is delivered by the taker alone, up to its last second', async () => {
    const { world, mesh, order, jobId, dueAt } = await late()
    await takeOver(world, order)
    await expect(connect(mesh, world.provider(0).key).submitResult(jobId, HONEST))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(2, world.provider(0).key.address)
    await at(dueAt + 1 + EXEC_WINDOW)
    await connect(mesh, world.provider(1).key).submitResult(jobId, HONEST)
  })

  it('expires like any other when the taker is late too: price and half of its bond go back', async () => {
    const { world, mesh, order, jobId, dueAt } = await late()
    await takeOver(world, order)
    const secondDueAt = dueAt + 1 + EXEC_WINDOW
    await at(secondDueAt)
    await expect(mesh.expireJob(order)).to.be.revertedWithCustomError(mesh, 'TooEarly').withArgs(secondDueAt)
    await at(secondDueAt + 1)
    await expect(mesh.expireJob(order))
      .to.emit(mesh, 'ProviderSlashed')
      .withArgs(2, jobId, LATE, BOND_WEI / 2n, 0, BOND_WEI / 2n)
      .and.to.emit(mesh, 'JobExpired')
      .withArgs(jobId, PRICE_WEI)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + (3n * BOND_WEI) / 4n)
    await expectConserved(world)
  })

  it('can be disputed like any other', async () => {
    const { world, mesh, order, jobId } = await late()
    await takeOver(world, order)
    await connect(mesh, world.provider(1).key).submitResult(jobId, HONEST)
    await connect(mesh, world.challenger).disputeJob(order, ethers.id('claimed'))
    expect((await mesh.disputeOf(jobId)).providerId).to.equal(2n)
  })

  it('costs a provider that takes over from itself three quarters of a bond at least', async () => {
    const { world, order } = await late()
    const [first, second] = [world.provider(0), world.provider(1)]
    const before = await Promise.all([first.owner, second.owner].map(world.freeOf))
    await takeOver(world, order)
    const after = await Promise.all([first.owner, second.owner].map(world.freeOf))
    const gainedWei = after.reduce((sum, wei, i) => sum + wei - (before[i] ?? 0n), 0n)
    expect(gainedWei).to.equal(netOf(BOND_WEI / 4n))
    expect(BOND_WEI - gainedWei).to.be.at.least((3n * BOND_WEI) / 4n)
  })
})
