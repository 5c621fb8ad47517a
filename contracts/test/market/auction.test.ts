import { expect } from 'chai'
import { dataSlice } from 'ethers'
import {
  auctionArguments,
  auctionOrder,
  FOUR_BIDS,
  packBids,
  settleAuction,
  signResult,
} from '../support/auctionLane.ts'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DUCK,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
} from '../support/mesh.ts'
import { HONEST } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { post } from '../support/signedLane.ts'

const MAX_WEI = 2n ** 96n - 1n

async function prepared() {
  const world = await loadWorld()
  return { world, mesh: world.mesh, order: await auctionOrder(world) }
}

describe('Settling an auction', () => {
  it('pays the lowest bidder the second lowest bid', async () => {
    const { world, mesh, order } = await prepared()
    const jobId = world.jobIdOf(order)
    await expect(settleAuction(world, order))
      .to.emit(mesh, 'AuctionSettled')
      .withArgs(jobId, 3, 4n * DUCK, HONEST)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - 4n * DUCK)
    expect(await world.freeOf(world.provider(2).owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + netOf(4n * DUCK))
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.none)
    await expectConserved(world)
  })

  it('is for owner and key of the winner only', async () => {
    const { world, mesh, order } = await prepared()
    const args = await auctionArguments(world, order)
    for (const caller of [
      world.provider(0).key,
      world.provider(1).owner,
      world.coordinator,
      world.stranger,
    ]) {
      await expect(connect(mesh, caller).settleAuction(...args))
        .to.be.revertedWithCustomError(mesh, 'NotProvider')
        .withArgs(3, caller.address)
    }
    await connect(mesh, world.provider(2).owner).settleAuction(...args)
  })

  it('is possible up to acceptBy + execWindow, to the second', async () => {
    const { world, mesh, order } = await prepared()
    const late = await auctionOrder(world, { acceptBy: order.acceptBy })
    const winner = connect(mesh, world.provider(2).key)
    const [args, lateArgs] = [await auctionArguments(world, order), await auctionArguments(world, late)]
    await at(order.acceptBy + EXEC_WINDOW)
    await winner.settleAuction(...args)
    await at(order.acceptBy + EXEC_WINDOW + 1)
    await expect(winner.settleAuction(...lateArgs))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy + EXEC_WINDOW)
  })

  it('takes the largest acceptBy as no deadline', async () => {
    const { world } = await prepared()
    await settleAuction(world, await auctionOrder(world, { acceptBy: 2 ** 40 - 1 }))
  })

  it('needs the second price in the balance of the requester, and no more', async () => {
    const { world, mesh, order } = await prepared()
    const { requester } = world
    await connect(mesh, requester).withdraw(DEPOSIT_WEI - 4n * DUCK + 1n, requester.address)
    await expect(settleAuction(world, order))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(requester.address, 4n * DUCK - 1n, 4n * DUCK)
    await connect(mesh, requester).deposit(1)
    await settleAuction(world, order)
    expect(await world.freeOf(requester)).to.equal(0n)
  })

  it('serves a price of zero, and the largest price', async () => {
    const { world, mesh } = await prepared()
    const free = await auctionOrder(world, { priceWei: 0n })
    await expect(
      settleAuction(
        world,
        free,
        [
          [1, 1n],
          [2, 0n],
        ],
        2,
      ),
    )
      .to.emit(mesh, 'AuctionSettled')
      .withArgs(world.jobIdOf(free), 2, 0, HONEST)
    const dear = await auctionOrder(world, { priceWei: MAX_WEI })
    await expect(settleAuction(world, dear, [[1, 1n]], 1))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(world.requester.address, DEPOSIT_WEI, MAX_WEI)
    await settleAuction(
      world,
      dear,
      [
        [1, 1n],
        [2, 2n],
      ],
      1,
    )
    await expectConserved(world)
  })

  it('serves the order of a contract wallet', async () => {
    const { world, mesh } = await prepared()
    const { token, requester } = world
    const wallet = await ethers.deployContract('ContractWallet', [], requester)
    const address = await wallet.getAddress()
    await token.transfer(address, PRICE_WEI)
    const [execute, target] = [wallet.getFunction('execute'), await mesh.getAddress()]
    const approve = token.interface.encodeFunctionData('approve', [target, PRICE_WEI])
    await execute(await token.getAddress(), approve)
    await execute(target, mesh.interface.encodeFunctionData('deposit', [PRICE_WEI]))
    await settleAuction(world, await auctionOrder(world, { requester: address }))
    await expectConserved(world, {}, [address])
  })
})

describe('An auction', () => {
  it('without a bid, or with none within the price, is not settled', async () => {
    const { world, mesh, order } = await prepared()
    for (const bids of [
      [],
      [[1, PRICE_WEI + 1n]],
      [
        [1, MAX_WEI],
        [2, MAX_WEI],
      ],
    ] as const) {
      await expect(settleAuction(world, order, bids))
        .to.be.revertedWithCustomError(mesh, 'NoBid')
        .withArgs(world.jobIdOf(order))
    }
  })

  it('won by provider zero, which is nobody, is not settled', async () => {
    const { world, mesh, order } = await prepared()
    await expect(
      settleAuction(
        world,
        order,
        [
          [1, 5n],
          [0, 1n],
        ],
        1,
      ),
    )
      .to.be.revertedWithCustomError(mesh, 'NoBid')
      .withArgs(world.jobIdOf(order))
  })

  it('with a list that is not made of whole bids is refused', async () => {
    const { world, mesh, order } = await prepared()
    const list = packBids(FOUR_BIDS)
    for (const bids of [dataSlice(list, 1), dataSlice(list, 0, 63), `${list}00`, '0x00']) {
      await expect(settleAuction(world, order, bids))
        .to.be.revertedWithCustomError(mesh, 'BadBids')
        .withArgs((bids.length - 2) / 2)
    }
  })

  it('with a list that its coordinator did not sign is refused', async () => {
    const { world, mesh, order } = await prepared()
    const [, orderSig, bids] = await auctionArguments(world, order)
    const winner = connect(mesh, world.provider(2).key)
    const other = await auctionOrder(world)
    for (const signature of [
      await signResult(world, order, bids, world.stranger),
      await signResult(world, order, bids, world.provider(2).key),
      await signResult(world, other, bids),
      await signResult(world, order, packBids([...FOUR_BIDS].reverse())),
      await signResult(world, order, packBids([...FOUR_BIDS, [5, 9n * DUCK]])),
      '0x',
    ]) {
      await expect(winner.settleAuction(order, orderSig, bids, signature, HONEST))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.coordinator.address)
    }
  })

  it('needs a coordinator: nobody signs for the zero address', async () => {
    const { world, mesh } = await prepared()
    const order = await auctionOrder(world, { coordinator: ethers.ZeroAddress })
    const [, orderSig, bids] = await auctionArguments(world, order)
    const winner = connect(mesh, world.provider(2).key)
    for (const signature of ['0x', `0x${'00'.repeat(65)}`]) {
      await expect(winner.settleAuction(order, orderSig, bids, signature, HONEST))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(ethers.ZeroAddress)
    }
  })

  it('of an order that its requester did not sign is refused', async () => {
    const { world, mesh, order } = await prepared()
    const [, , bids, resultSig] = await auctionArguments(world, order)
    const forged = await world.signOrder(order, world.stranger)
    await expect(connect(mesh, world.provider(2).key).settleAuction(order, forged, bids, resultSig, HONEST))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.requester.address)
  })

  it('serves auction mode without a named provider only', async () => {
    const { world, mesh } = await prepared()
    for (const mode of [0, 1, 2, 3, 4, 6]) {
      await expect(settleAuction(world, await auctionOrder(world, { mode })))
        .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
    await expect(settleAuction(world, await auctionOrder(world, { providerId: 3 })))
      .to.be.revertedWithCustomError(mesh, 'WrongProvider')
      .withArgs(0, 3)
  })

  it('needs an active winner', async () => {
    const { world, mesh, order } = await prepared()
    await connect(mesh, world.provider(2).owner).startUnstake(3, STAKE_WEI)
    await expect(settleAuction(world, order))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(3)
  })

  it('is settled once, and not beside any other lane', async () => {
    const { world, mesh, order } = await prepared()
    const used = [world.requester.address, order.nonce] as const
    const args = await auctionArguments(world, order)
    await settleAuction(world, order)
    await expect(connect(mesh, world.provider(2).key).settleAuction(...args))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    // Other lanes serve other modes; the nonce is one for all.
    await expect(settle(world, { ...order, mode: 0 }))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    await expect(connect(mesh, world.requester).postJob({ ...order, mode: 0 }))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(...used)
    const settled = await world.orderOf()
    await settle(world, settled)
    await expect(settleAuction(world, { ...settled, mode: 5 }))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, settled.nonce)
    const posted = await post(world)
    await expect(settleAuction(world, { ...posted, mode: 5 }))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, posted.nonce)
  })
})
