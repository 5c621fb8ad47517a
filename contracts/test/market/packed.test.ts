import { expect } from 'chai'
import { concat, dataSlice, toBeHex } from 'ethers'
import { expectConserved } from '../support/conservation.ts'
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
  time,
  type World,
} from '../support/mesh.ts'
import {
  fundedWallets,
  GROUP_BYTES,
  ITEM_BYTES,
  itemOf,
  itemsOf,
  packed,
  requesterItems,
  settle,
  TEMPLATE_BYTES,
  type TestItem,
} from '../support/settling.ts'

const Status = {
  settled: 0n,
  noTemplate: 1n,
  nonceNotAscending: 2n,
  nonceUsed: 3n,
  expired: 4n,
  amountTooHigh: 5n,
  noMoney: 6n,
  badSignature: 7n,
} as const

/** Settles as provider 1 and checks that preview, mask and money tell the same. */
async function settleAndCompare(world: World, header: string, items: string, statuses: bigint[]) {
  const { mesh } = world
  const { owner, key } = world.provider(0)
  expect(await mesh.previewPacked(header, items)).to.deep.equal(statuses)
  const mask = statuses.reduce(
    (sum, status, i) => (status === Status.settled ? sum : sum | (1n << BigInt(i))),
    0n,
  )
  const before = await world.freeOf(owner)
  const feeBefore: bigint = await mesh.feeDueOf(owner.address)
  const asProvider = connect(mesh, key)
  expect(await asProvider.settlePacked.staticCall(header, items)).to.equal(mask)
  const sent = await asProvider.settlePacked(header, items)
  const paid = (await world.freeOf(owner)) - before
  const fee = BigInt(await mesh.feeDueOf(owner.address)) - feeBefore
  const receipt = await sent.wait()
  const event = mesh.interface.parseLog(receipt.logs[0])
  if (event?.name !== 'BatchSettled') throw new Error('No BatchSettled')
  expect(event.args.slice(0, 4)).to.deep.equal([1n, ethers.keccak256(items), mask, paid + fee])
  return { paid, fee, jobIds: [...event.args.jobIds], amountsWei: [...event.args.amountsWei] }
}

describe('Settling a packed batch', () => {
  it('pays for orders of several payers at once, and the owner earns the sum', async () => {
    const world = await loadWorld()
    const payers = await fundedWallets(world, 3)
    const items = await itemsOf(world, payers, 4, 250n)
    const result = await settleAndCompare(world, ...packed(items), Array(12).fill(Status.settled))
    expect(result.fee).to.equal((12n * PRICE_WEI * 250n) / 10_000n)
    expect(result.paid + result.fee).to.equal(12n * PRICE_WEI)
    expect(result.jobIds).to.deep.equal(items.map(({ order }) => world.jobIdOf(order)))
    expect(result.amountsWei).to.deep.equal(Array(12).fill(PRICE_WEI))
    for (const payer of payers) expect(await world.freeOf(payer)).to.equal(DEPOSIT_WEI - 4n * PRICE_WEI)
    for (const { order } of items) {
      expect(await world.mesh.nonceUsed(order.requester, order.nonce)).to.equal(true)
    }
    await expectConserved(
      world,
      {},
      payers.map(({ address }) => address),
    )
  })

  it('keeps nonces of several words of one payer apart', async () => {
    const world = await loadWorld()
    const items: TestItem[] = []
    for (const nonce of [255n, 256n, 257n, 1_024n])
      items.push(await itemOf(world, await world.orderOf({ nonce })))
    await settleAndCompare(world, ...packed(items), Array(4).fill(Status.settled))
    for (const [nonce, used] of [
      [254n, false],
      [255n, true],
      [256n, true],
      [257n, true],
      [258n, false],
      [1_024n, true],
    ] as const) {
      expect(await world.mesh.nonceUsed(world.requester.address, nonce), `${nonce}`).to.equal(used)
    }
  })

  it('serves orders of several templates, and orders that name the provider', async () => {
    const world = await loadWorld()
    const items = await requesterItems(world, 1)
    items.push(await itemOf(world, await world.orderOf({ providerId: 1, modelId: ethers.id('other') })))
    items.push(await itemOf(world, await world.orderOf({ kind: 4, seats: 9, bondWei: 1n, execWindow: 7 })))
    items.push(
      await itemOf(world, await world.orderOf({ coordinator: ethers.ZeroAddress, disputeWindow: 0 })),
    )
    await settleAndCompare(world, ...packed(items), Array(4).fill(Status.settled))
    await expectConserved(world)
  })

  it('is idle without items', async () => {
    const world = await loadWorld()
    const { paid } = await settleAndCompare(world, ...packed([]), [])
    expect(paid).to.equal(0n)
  })

  it('is for owner and key of the provider only', async () => {
    const world = await loadWorld()
    const batch = packed(await requesterItems(world, 1))
    await expect(connect(world.mesh, world.stranger).settlePacked(...batch))
      .to.be.revertedWithCustomError(world.mesh, 'NotProvider')
      .withArgs(1, world.stranger.address)
    await connect(world.mesh, world.provider(0).owner).settlePacked(...batch)
  })

  it('needs an active provider', async () => {
    const world = await loadWorld()
    const batch = packed(await requesterItems(world, 1))
    await connect(world.mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI - DUCK)
    await expect(connect(world.mesh, world.provider(0).key).settlePacked(...batch))
      .to.be.revertedWithCustomError(world.mesh, 'ProviderInactive')
      .withArgs(1)
  })
})

describe('A bad item of a packed batch', () => {
  it('with a bad signature is skipped and blocks no other', async () => {
    const world = await loadWorld()
    const items = await requesterItems(world, 3)
    items[1].signature = await world.signOrder(items[1].order, world.stranger)
    const { amountsWei, paid, fee } = await settleAndCompare(world, ...packed(items), [
      0n,
      Status.badSignature,
      0n,
    ])
    expect(paid + fee).to.equal(2n * PRICE_WEI)
    expect(amountsWei).to.deep.equal(Array(3).fill(PRICE_WEI))
    expect(await world.mesh.nonceUsed(world.requester.address, items[1].order.nonce)).to.equal(false)
    await expectConserved(world)
  })

  it('with a malleable or malformed signature is skipped', async () => {
    const world = await loadWorld()
    const [item] = await requesterItems(world, 1)
    const [header, items] = packed([item])
    const rAt = TEMPLATE_BYTES + GROUP_BYTES + 64
    const { r } = ethers.Signature.from(item.signature)
    const withSignature = (r_: string, vs: string) =>
      concat([dataSlice(items, 0, rAt), r_, vs, dataSlice(items, rAt + 64)])
    const high = toBeHex((1n << 255n) - 1n, 32)
    for (const batch of [withSignature(r, high), withSignature(ethers.ZeroHash, ethers.ZeroHash)]) {
      await settleAndCompare(world, header, batch, [Status.badSignature])
    }
  })

  it('whose nonce was used elsewhere is skipped', async () => {
    const world = await loadWorld()
    const items = await requesterItems(world, 3)
    await settle(world, items[1].order)
    await settleAndCompare(world, ...packed(items), [0n, Status.nonceUsed, 0n])
    await settleAndCompare(world, ...packed(items), Array(3).fill(Status.nonceUsed))
    await expectConserved(world)
  })

  it('that repeats a nonce, or goes back, is skipped', async () => {
    const world = await loadWorld()
    const [first, second, third] = await requesterItems(world, 3)
    await settleAndCompare(world, ...packed([first, second, second]), [0n, 0n, Status.nonceNotAscending])
    // The packer sorts; so two items of one size change places by hand.
    const fourth = await itemOf(world, await world.orderOf())
    const [header, items] = packed([third, fourth])
    const start = TEMPLATE_BYTES + GROUP_BYTES
    const swapped = concat([
      dataSlice(items, 0, start),
      dataSlice(items, start + ITEM_BYTES),
      dataSlice(items, start, start + ITEM_BYTES),
    ])
    await settleAndCompare(world, header, swapped, [0n, Status.nonceNotAscending])
    await expectConserved(world)
  })

  it('past acceptBy + execWindow is skipped, to the second', async () => {
    const world = await loadWorld()
    const acceptBy = (await time.latest()) + 100
    const [one, two] = [await world.orderOf({ acceptBy }), await world.orderOf({ acceptBy: acceptBy - 1 })]
    const batch = packed([await itemOf(world, one), await itemOf(world, two)])
    await at(acceptBy + EXEC_WINDOW)
    const asProvider = connect(world.mesh, world.provider(0).key)
    const sent = await asProvider.settlePacked(...batch)
    const event = world.mesh.interface.parseLog((await sent.wait()).logs[0])
    expect(event?.args.failedMask).to.equal(0b10n)
    expect(await world.mesh.previewPacked(...batch)).to.deep.equal([Status.nonceUsed, Status.expired])
  })

  it('that asks for more than the price is skipped', async () => {
    const world = await loadWorld()
    const items = await requesterItems(world, 2, [{ amountWei: PRICE_WEI + 1n }, { amountWei: 1n }])
    const { paid } = await settleAndCompare(world, ...packed(items), [Status.amountTooHigh, 0n])
    expect(paid).to.equal(1n)
  })

  it('that the balance does not cover is skipped, and smaller ones after it are paid', async () => {
    const world = await loadWorld()
    const prices = [DEPOSIT_WEI - DUCK, 2n * DUCK, DUCK, 1n]
    const items: TestItem[] = []
    for (const priceWei of prices) items.push(await itemOf(world, await world.orderOf({ priceWei })))
    await settleAndCompare(world, ...packed(items), [0n, Status.noMoney, 0n, Status.noMoney])
    expect(await world.freeOf(world.requester)).to.equal(0n)
    await expectConserved(world)
  })

  it('of a payer that is a provider is paid from its earnings too', async () => {
    const world = await loadWorld()
    const { owner } = world.provider(1)
    await settle(world, await world.orderOf({ priceWei: 1_000n * DUCK }), { providerId: 2 })
    const all = await world.freeOf(owner)
    const order = await world.orderOf({ requester: owner.address, priceWei: all })
    const over = await world.orderOf({ requester: owner.address, priceWei: 1n })
    const items = [
      await itemOf(world, order, { signature: await world.signOrder(order, owner) }),
      await itemOf(world, over, { signature: await world.signOrder(over, owner) }),
    ]
    await settleAndCompare(world, ...packed(items), [0n, Status.noMoney])
    expect(await world.freeOf(owner)).to.equal(0n)
    await expectConserved(world)
  })

  it('of the provider itself moves the fee alone', async () => {
    const world = await loadWorld()
    const { owner, key } = world.provider(0)
    const before = await world.freeOf(owner)
    const order = await world.orderOf({ requester: owner.address })
    const item = await itemOf(world, order, { signature: await world.signOrder(order, owner) })
    await connect(world.mesh, key).settlePacked(...packed([item]))
    expect(await world.freeOf(owner)).to.equal(before - (PRICE_WEI * 250n) / 10_000n)
    await expectConserved(world)
  })

  it('with a template that the batch lacks is skipped', async () => {
    const world = await loadWorld()
    const [header, items] = packed(await requesterItems(world, 2))
    const last = concat([dataSlice(items, 0, items.length / 2 - 2), '0x05'])
    const { jobIds } = await settleAndCompare(world, header, last, [0n, Status.noTemplate])
    expect(jobIds[1]).to.equal(ethers.ZeroHash)
  })
})
