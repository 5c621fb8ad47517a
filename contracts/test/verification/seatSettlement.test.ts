import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf, netOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DUCK,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  type World,
} from '../support/mesh.ts'
import { withProviders } from '../support/providers.ts'
import {
  anchor,
  anchorArguments,
  commitSeat,
  HONEST,
  redundantOrder,
  roundOf,
  settleSeats,
  settleSeatsArguments,
} from '../support/redundant.ts'
import { agreed, replaced } from '../support/seatSettlement.ts'
import { accepted } from '../support/signedLane.ts'

const START_WEI = DEPOSIT_WEI - STAKE_WEI

/** Runs `action` and expects each of these seats to have earned the share less its fee. */
async function expectPaid(world: World, ids: number[], shareWei: bigint, action: () => Promise<unknown>) {
  const owners = ids.map((id) => world.provider(id - 1).owner)
  const before = await Promise.all(owners.map(world.freeOf))
  await action()
  const after = await Promise.all(owners.map(world.freeOf))
  expect(after).to.deep.equal(before.map((wei) => wei + netOf(shareWei)))
}

describe('Settling seats that agree', () => {
  it('pays every seat in one transaction, whoever sends it', async () => {
    const { world, mesh, order, round, args } = await agreed()
    await expectPaid(world, round.ids, PRICE_WEI / 3n, () =>
      expect(connect(mesh, world.stranger).settleSeats(...args))
        .to.emit(mesh, 'SeatsSettled')
        .withArgs(round.jobId, HONEST, PRICE_WEI / 3n, round.ids),
    )
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    expect(await mesh.nonceUsed(world.requester.address, order.nonce)).to.equal(true)
    await expectConserved(world)
    expect(await collectedWei(world)).to.equal(3n * feeOf(PRICE_WEI / 3n))
    await expectConserved(world)
  })

  it('leaves no word for the job, and locks no bond', async () => {
    const { world, mesh, round, args } = await agreed()
    await mesh.settleSeats(...args)
    expect((await mesh.jobOf(round.jobId)).status).to.equal(Status.none)
    for (const id of round.ids) expect((await mesh.providerOf(id)).lockedWei).to.equal(0n)
    await expectConserved(world)
  })

  for (const seats of [5, 15]) {
    it(`serves ${seats} seats`, async () => {
      const world = await withProviders(seats)
      const order = await redundantOrder(world, { seats, priceWei: 15n * DUCK })
      const round = roundOf(world, order, Array(seats).fill(HONEST))
      await expectPaid(world, round.ids, order.priceWei / BigInt(seats), () => settleSeats(world, round))
      const more = world.providers.map(({ owner }) => owner.address).slice(7)
      await expectConserved(world, {}, more)
    })
  }

  it('keeps the seat order of the draw', async () => {
    const { mesh, round, args } = await agreed({}, [6, 2, 4])
    await expect(mesh.settleSeats(...args))
      .to.emit(mesh, 'SeatsSettled')
      .withArgs(round.jobId, HONEST, PRICE_WEI / 3n, [6, 2, 4])
  })

  it('takes from the requester what the seats get: the dust of the division stays with it', async () => {
    for (const [priceWei, shareWei] of [
      [11n, 3n],
      [2n, 0n],
      [0n, 0n],
    ] as const) {
      const { world, mesh, round, args } = await agreed({ priceWei })
      await expect(mesh.settleSeats(...args))
        .to.emit(mesh, 'SeatsSettled')
        .withArgs(round.jobId, HONEST, shareWei, round.ids)
      expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - 3n * shareWei)
      await expectConserved(world)
    }
  })

  it('is possible up to acceptBy + execWindow, to the second', async () => {
    const { world, mesh, order, args } = await agreed()
    const second = await redundantOrder(world, { acceptBy: order.acceptBy })
    const late = await settleSeatsArguments(world, roundOf(world, second, [HONEST, HONEST, HONEST]))
    await at(order.acceptBy + EXEC_WINDOW)
    await mesh.settleSeats(...args)
    await at(order.acceptBy + EXEC_WINDOW + 1)
    await expect(mesh.settleSeats(...late))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy + EXEC_WINDOW)
  })

  it('takes the largest acceptBy as no deadline', async () => {
    const { world, mesh, args } = await agreed({ acceptBy: 2 ** 40 - 1 })
    await mesh.settleSeats(...args)
    await expectConserved(world)
  })

  it('serves the order of a contract wallet, asked with bounded gas', async () => {
    const world = await loadWorld()
    const { mesh, token, requester } = world
    const wallet = await ethers.deployContract('ContractWallet', [], requester)
    const address = await wallet.getAddress()
    await token.transfer(address, PRICE_WEI)
    const execute = wallet.getFunction('execute')
    const target = await mesh.getAddress()
    const approve = token.interface.encodeFunctionData('approve', [target, PRICE_WEI])
    await execute(await token.getAddress(), approve)
    await execute(target, mesh.interface.encodeFunctionData('deposit', [PRICE_WEI]))
    const round = roundOf(world, await redundantOrder(world, { requester: address }), Array(3).fill(HONEST))
    const args = await settleSeatsArguments(world, round)
    await wallet.getFunction('setBehaviour')(1)
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(address)
    await wallet.getFunction('setBehaviour')(0)
    await mesh.settleSeats(...args)
    expect(await mesh.accountOf(address)).to.equal(0n)
    await expectConserved(world, {}, [address])
  })
})

describe('Money and stake behind seats that agree', () => {
  it('have to cover the sum of the shares', async () => {
    const { world, mesh, args } = await agreed()
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - PRICE_WEI + 1n, requester.address)
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, PRICE_WEI - 1n, PRICE_WEI)
    await connect(mesh, requester).deposit(1)
    await mesh.settleSeats(...args)
  })

  it('include earnings of a requester that is a provider, without their fee', async () => {
    const { world, mesh, args } = await agreed()
    await mesh.settleSeats(...args)
    const { owner } = world.provider(0)
    await connect(mesh, owner).withdraw(START_WEI, owner.address)
    const allWei = netOf(PRICE_WEI / 3n)
    const order = await redundantOrder(world, { requester: owner.address, priceWei: allWei })
    const round = roundOf(world, order, Array(3).fill(HONEST), { ids: [4, 5, 6] })
    const own = await settleSeatsArguments(world, round)
    await mesh.settleSeats(...replaced(own, { 1: await world.signOrder(order, owner) }))
    expect(await world.freeOf(owner)).to.equal(allWei % 3n)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(PRICE_WEI / 3n))
    await expectConserved(world)
  })

  it('need unlocked stake for the bond of every seat, to the wei', async () => {
    const { world, mesh, args } = await agreed({ bondWei: STAKE_WEI - BOND_WEI })
    await accepted(world, { bondWei: BOND_WEI + 1n })
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'InsufficientStake')
      .withArgs(1, STAKE_WEI - BOND_WEI - 1n, STAKE_WEI - BOND_WEI)
    const other = await agreed({ bondWei: STAKE_WEI - BOND_WEI })
    await accepted(other.world, { bondWei: BOND_WEI })
    await mesh.settleSeats(...other.args)
  })

  it('need every seat to be an active provider', async () => {
    const { world, mesh, args } = await agreed({ bondWei: 0n })
    await connect(mesh, world.provider(1).owner).startUnstake(2, STAKE_WEI)
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(2)
  })
})

describe('One nonce bit for seats settled either way', () => {
  it('settles an order once', async () => {
    const { world, mesh, order, args } = await agreed()
    await mesh.settleSeats(...args)
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, order.nonce)
  })

  it('refuses to anchor, or to commit to, what was settled', async () => {
    const { world, mesh, order, round, args } = await agreed()
    const used = [world.requester.address, order.nonce] as const
    const anchoring = await anchorArguments(world, round)
    await mesh.settleSeats(...args)
    await expect(mesh.anchorSeats(...anchoring))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    await expect(commitSeat(world, round, 0))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    await expectConserved(world)
  })

  it('refuses to settle what was anchored, or begun by one seat', async () => {
    for (const begin of [
      anchor,
      (world: World, round: ReturnType<typeof roundOf>) => commitSeat(world, round, 2),
    ]) {
      const { world, mesh, order, round, args } = await agreed()
      await begin(world, round)
      await expect(mesh.settleSeats(...args))
        .to.be.revertedWithCustomError(mesh, 'NonceUsed')
        .withArgs(world.requester.address, order.nonce)
    }
  })

  it('refuses an order that the requester voided', async () => {
    const { world, mesh, order, args } = await agreed()
    await connect(mesh, world.requester).invalidateNonces(order.nonce >> 8n, 1n << (order.nonce & 255n))
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, order.nonce)
  })
})
