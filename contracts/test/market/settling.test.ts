import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { collectedWei, feeOf } from '../support/fees.ts'
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
  type World,
} from '../support/mesh.ts'
import { anchor, anchorArguments, HONEST, redundantOrder, roundOf } from '../support/redundant.ts'
import {
  itemOf,
  packed,
  receiptOf,
  settle,
  settleArguments,
  settlePacked,
  signReceipt,
} from '../support/settling.ts'
import { post } from '../support/signedLane.ts'

const FEE_WEI = feeOf(PRICE_WEI)

async function prepared() {
  const world = await loadWorld()
  return { world, mesh: world.mesh, order: await world.orderOf() }
}

/** Stake of provider 1 falls below the minimum. */
async function deactivate(world: World): Promise<void> {
  await connect(world.mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - DUCK)
}

describe('Settling an order with its receipt', () => {
  it('pays the owner at once, and keeps the fee back for the treasury', async () => {
    const { world, mesh, order } = await prepared()
    const jobId = world.jobIdOf(order)
    await expect(settle(world, order)).to.emit(mesh, 'JobSettled').withArgs(jobId, 1, PRICE_WEI, HONEST)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    expect(await world.freeOf(world.provider(0).owner)).to.equal(
      DEPOSIT_WEI - STAKE_WEI + PRICE_WEI - FEE_WEI,
    )
    expect(await mesh.feeDueOf(world.provider(0).owner.address)).to.equal(FEE_WEI)
    expect(await world.freeOf(world.treasury)).to.equal(0n)
    expect(await mesh.nonceUsed(world.requester.address, order.nonce)).to.equal(true)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.none)
    await expectConserved(world)
  })

  it('pays what the receipt says, and nothing is a valid amount', async () => {
    const { world, order } = await prepared()
    await settle(world, order, { amountWei: 40n })
    await settle(world, await world.orderOf(), { amountWei: 0n })
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI - 40n)
    expect(await collectedWei(world)).to.equal(1n)
    await expectConserved(world)
  })

  it('locks no bond', async () => {
    const { world } = await prepared()
    await settle(world, await world.orderOf({ bondWei: STAKE_WEI * 2n }))
    expect((await world.mesh.providerOf(1)).lockedWei).to.equal(0n)
  })

  it('serves the provider that the order names, or any', async () => {
    const { world, mesh } = await prepared()
    await settle(world, await world.orderOf({ providerId: 1 }))
    await settle(world, await world.orderOf(), { providerId: 3 })
    await expect(settle(world, await world.orderOf({ providerId: 2 })))
      .to.be.revertedWithCustomError(mesh, 'WrongProvider')
      .withArgs(1, 2)
  })

  it('is possible up to acceptBy + execWindow, to the second', async () => {
    const { world, mesh, order } = await prepared()
    const late = await world.orderOf({ acceptBy: order.acceptBy })
    const args = [await settleArguments(world, order), await settleArguments(world, late)] as const
    await at(order.acceptBy + EXEC_WINDOW)
    await mesh.settle(...args[0])
    await at(order.acceptBy + EXEC_WINDOW + 1)
    await expect(mesh.settle(...args[1]))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy + EXEC_WINDOW)
  })

  it('takes the largest acceptBy as no deadline', async () => {
    const { world } = await prepared()
    await settle(world, await world.orderOf({ acceptBy: 2 ** 40 - 1 }), { startedAt: 0, finishedAt: 0 })
  })

  it('serves signed mode only', async () => {
    const { world, mesh } = await prepared()
    await expect(settle(world, await world.orderOf({ mode: 1, seats: 3 })))
      .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
      .withArgs(1)
  })

  it('refuses a receipt of another job', async () => {
    const { world, mesh, order } = await prepared()
    const jobId = ethers.id('another job')
    await expect(settle(world, order, { jobId }))
      .to.be.revertedWithCustomError(mesh, 'WrongReceipt')
      .withArgs(jobId, world.jobIdOf(order))
  })

  it('refuses the receipt of a seat', async () => {
    const { world, mesh, order } = await prepared()
    const assignmentHash = ethers.id('assignment')
    await expect(settle(world, order, { assignmentHash }))
      .to.be.revertedWithCustomError(mesh, 'SeatReceipt')
      .withArgs(assignmentHash)
  })

  it('refuses an amount above the price', async () => {
    const { world, mesh, order } = await prepared()
    await expect(settle(world, order, { amountWei: PRICE_WEI + 1n }))
      .to.be.revertedWithCustomError(mesh, 'AmountTooHigh')
      .withArgs(PRICE_WEI + 1n, PRICE_WEI)
  })

  it('refuses an order that the requester did not sign', async () => {
    const { world, mesh, order } = await prepared()
    const [, , receipt, receiptSig] = await settleArguments(world, order)
    await expect(mesh.settle(order, await world.signOrder(order, world.stranger), receipt, receiptSig))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.requester.address)
  })

  it('refuses a receipt that the signing key did not sign, the owner included', async () => {
    const { world, mesh, order } = await prepared()
    const { key, owner } = world.provider(0)
    const receipt = receiptOf(world, order)
    const orderSig = await world.signOrder(order)
    for (const signature of [await signReceipt(world, receipt, owner), '0x']) {
      await expect(mesh.settle(order, orderSig, receipt, signature))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(key.address)
    }
  })

  it('needs an active provider', async () => {
    const { world, mesh, order } = await prepared()
    await deactivate(world)
    await expect(settle(world, order)).to.be.revertedWithCustomError(mesh, 'ProviderInactive').withArgs(1)
    const unknown = receiptOf(world, order, { providerId: 99 })
    const signature = await signReceipt(world, unknown, world.stranger)
    await expect(mesh.settle(order, await world.signOrder(order), unknown, signature))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(99)
  })

  it('needs the money to be there', async () => {
    const { world, mesh } = await prepared()
    const priceWei = DEPOSIT_WEI + 1n
    await expect(settle(world, await world.orderOf({ priceWei })))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(world.requester.address, DEPOSIT_WEI, priceWei)
  })

  it('spends what a requester earned as a provider', async () => {
    const { world, mesh } = await prepared()
    const { owner, key } = world.provider(0)
    await settle(world, await world.orderOf({ priceWei: 100n * DUCK }))
    const all = await world.freeOf(owner)
    const order = await world.orderOf({ requester: owner.address, priceWei: all })
    const receipt = receiptOf(world, order)
    await mesh.settle(
      order,
      await world.signOrder(order, owner),
      receipt,
      await signReceipt(world, receipt, key),
    )
    expect(await world.freeOf(owner)).to.equal(all - feeOf(all))
    await expectConserved(world)
  })

  it('serves the order of a contract wallet', async () => {
    const { world, mesh } = await prepared()
    const wallet = await ethers.deployContract('ContractWallet', [], world.requester)
    const address = await wallet.getAddress()
    await world.token.transfer(address, DEPOSIT_WEI)
    const approve = world.token.interface.encodeFunctionData('approve', [
      await mesh.getAddress(),
      DEPOSIT_WEI,
    ])
    await wallet.getFunction('execute')(await world.token.getAddress(), approve)
    const deposit = mesh.interface.encodeFunctionData('deposit', [DEPOSIT_WEI])
    await wallet.getFunction('execute')(await mesh.getAddress(), deposit)
    await settle(world, await world.orderOf({ requester: address }))
    expect(await mesh.accountOf(address)).to.equal(DEPOSIT_WEI - PRICE_WEI)
    await expectConserved(world, {}, [address])
  })
})

describe('One nonce bit for all lanes', () => {
  it('settles an order once', async () => {
    const { world, mesh, order } = await prepared()
    await settle(world, order)
    await expect(settle(world, order))
      .to.be.revertedWithCustomError(mesh, 'NonceUsed')
      .withArgs(world.requester.address, order.nonce)
  })

  it('refuses in every other lane what one lane took', async () => {
    const world = await loadWorld()
    const { mesh, requester } = world
    const item = async (nonce: bigint) => itemOf(world, await world.orderOf({ nonce }))
    const enter: Record<string, (nonce: bigint) => Promise<unknown>> = {
      post: (nonce) => post(world, { nonce }),
      settle: async (nonce) => settle(world, await world.orderOf({ nonce })),
      packed: async (nonce) => settlePacked(world, [await item(nonce)]),
      anchor: async (nonce) =>
        anchor(world, roundOf(world, await redundantOrder(world, { nonce }), [HONEST, HONEST, HONEST])),
      invalidate: (nonce) => connect(mesh, requester).invalidateNonces(nonce >> 8n, 1n << (nonce & 255n)),
    }
    let nonce = 1_000n
    for (const first of Object.values(enter)) {
      nonce++
      await first(nonce)
      const used = { name: 'NonceUsed', args: [requester.address, nonce] as const }
      for (const lane of ['post', 'settle'] as const) {
        await expect(enter[lane]?.(nonce), lane)
          .to.be.revertedWithCustomError(mesh, used.name)
          .withArgs(...used.args)
      }
      const round = roundOf(world, await redundantOrder(world, { nonce }), [HONEST, HONEST, HONEST])
      // Checked on a job that is not the one that took the nonce.
      round.order.inputHash = ethers.id('other')
      const other = roundOf(world, round.order, [HONEST, HONEST, HONEST])
      await expect(mesh.anchorSeats(...(await anchorArguments(world, other))), 'anchor')
        .to.be.revertedWithCustomError(mesh, used.name)
        .withArgs(...used.args)
      expect(await mesh.previewPacked(...packed([await item(nonce)]))).to.deep.equal([3n])
    }
  })
})
