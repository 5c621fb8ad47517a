import { expect } from 'chai'
import { auctionArguments, auctionOrder } from '../support/auctionLane.ts'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  buildWorld,
  connect,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  type MeshParams,
  NOTICE_SECONDS,
  PARAMS,
  PRICE_WEI,
  TERMS,
  time,
  type World,
} from '../support/mesh.ts'
import {
  anchor,
  commitSeat,
  HONEST,
  open,
  redundantOrder,
  roundOf,
  settleSeats,
  WRONG,
} from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { post } from '../support/signedLane.ts'
import { changeTerms } from '../support/terms.ts'
import type { Order } from '../support/typedData.ts'

const AGREED = [HONEST, HONEST, HONEST]

async function termsOf({ mesh }: World) {
  const { version, terms_, frozenUntil } = await mesh.terms()
  return { version: Number(version), ...terms_.toObject(), frozenUntil }
}

const plain = (terms: object) =>
  Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, BigInt(value)]))

describe('Terms of a mesh', () => {
  it('are those in force when it was deployed', async () => {
    const world = await loadWorld()
    expect(await termsOf(world)).to.deep.equal({ version: 0, ...plain(TERMS), frozenUntil: 0n })
    expect(await world.mesh.treasury()).to.equal(world.treasury.address)
  })

  it('are brought by anybody, once their notice is over and not before', async () => {
    const world = await loadWorld()
    const { mesh, meshParams, deployer, stranger } = world
    const publishedAt = (await time.latest()) + 10
    await at(publishedAt)
    await connect(meshParams, deployer).publish({ ...TERMS, feeBps: 300 })
    await at(publishedAt + NOTICE_SECONDS - 1)
    await expect(connect(mesh, stranger).syncTerms())
      .to.emit(mesh, 'TermsSynced')
      .withArgs(0, Object.values(TERMS), 0)
    await at(publishedAt + NOTICE_SECONDS)
    await expect(connect(mesh, stranger).syncTerms())
      .to.emit(mesh, 'TermsSynced')
      .withArgs(1, [300, TERMS.minBondBps, TERMS.maxJobLifeSeconds], 0)
    expect((await termsOf(world)).feeBps).to.equal(300n)
  })

  it('stay the old ones until somebody brings the new', async () => {
    const world = await loadWorld()
    await connect(world.meshParams, world.deployer).publish({ ...TERMS, minBondBps: 50_000 })
    await time.increase(NOTICE_SECONDS)
    await post(world)
    await world.mesh.syncTerms()
    await expect(post(world)).to.be.revertedWithCustomError(world.mesh, 'BondTooLow')
  })

  it('may leave out versions', async () => {
    const world = await loadWorld()
    for (const feeBps of [1, 2, 3])
      await connect(world.meshParams, world.deployer).publish({ ...TERMS, feeBps })
    await time.increase(NOTICE_SECONDS)
    await world.mesh.syncTerms()
    expect(await termsOf(world)).to.include({ version: 3, feeBps: 3n })
  })

  it('never let a job live longer than the mesh was built for', async () => {
    const world = await loadWorld()
    await changeTerms(world, { maxJobLifeSeconds: 90 * 86_400 })
    expect((await termsOf(world)).maxJobLifeSeconds).to.equal(BigInt(PARAMS.maxJobLifeSeconds))
  })

  const outside: [key: string, terms: Partial<typeof TERMS>, value: number][] = [
    ['feeBps', { feeBps: 1_001 }, 1_001],
    ['minBondBps', { minBondBps: 50_001 }, 50_001],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 59 }, 59],
    ['maxJobLifeSeconds', { maxJobLifeSeconds: 90 * 86_400 + 1 }, 90 * 86_400 + 1],
  ]
  for (const [key, terms, value] of outside) {
    it(`out of bounds are refused whoever publishes them: ${key} = ${value}`, async () => {
      const hostile = await ethers.deployContract('HostileParams', [TERMS])
      const world = await buildWorld({ meshParams: hostile as unknown as MeshParams })
      await hostile.getFunction('setTerms')({ ...TERMS, ...terms })
      await expect(world.mesh.syncTerms())
        .to.be.revertedWithCustomError(world.mesh, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String(key), value)
      expect((await termsOf(world)).version).to.equal(0)
      await post(world)
    })
  }
})

describe('The least bond', () => {
  const MIN_BOND_BPS = 5_000

  async function withLeastBond() {
    const world = await loadWorld()
    await changeTerms(world, { minBondBps: MIN_BOND_BPS })
    return { world, mesh: world.mesh }
  }

  it('is a part of the price, rounded down, and may be met exactly', async () => {
    const { world, mesh } = await withLeastBond()
    for (const [priceWei, minWei] of [
      [PRICE_WEI, PRICE_WEI / 2n],
      [3n, 1n],
    ] as const) {
      await expect(post(world, { priceWei, bondWei: minWei - 1n }))
        .to.be.revertedWithCustomError(mesh, 'BondTooLow')
        .withArgs(minWei - 1n, minWei)
      await post(world, { priceWei, bondWei: minWei })
    }
    await post(world, { priceWei: 1n, bondWei: 0n })
    await post(world, { priceWei: 0n, bondWei: 0n })
  })

  it('holds for seats, anchored together or one by one', async () => {
    const { world, mesh } = await withLeastBond()
    const args = [PRICE_WEI / 2n - 1n, PRICE_WEI / 2n] as const
    const low = roundOf(world, await redundantOrder(world, { bondWei: args[0] }), AGREED)
    await expect(anchor(world, low))
      .to.be.revertedWithCustomError(mesh, 'BondTooLow')
      .withArgs(...args)
    await expect(commitSeat(world, low, 0))
      .to.be.revertedWithCustomError(mesh, 'BondTooLow')
      .withArgs(...args)
    await anchor(world, roundOf(world, await redundantOrder(world, { bondWei: args[1] }), AGREED))
  })

  it('does not concern orders that are paid in one transaction and lock no bond', async () => {
    const { world, mesh } = await withLeastBond()
    await settle(world, await world.orderOf({ bondWei: 0n }))
    await settleSeats(world, roundOf(world, await redundantOrder(world, { bondWei: 0n }), AGREED))
    const args = await auctionArguments(world, await auctionOrder(world, { bondWei: 0n }))
    await connect(mesh, world.provider(2).key).settleAuction(...args)
    await expectConserved(world)
  })

  it('does not concern work that was entered before', async () => {
    // Governance that changes its mind at once, which the real one cannot.
    const hostile = await ethers.deployContract('HostileParams', [TERMS])
    const world = await buildWorld({ meshParams: hostile as unknown as MeshParams })
    const { mesh } = world
    const order = await post(world, { bondWei: 1n })
    const round = roundOf(world, await redundantOrder(world, { bondWei: 1n }), [
      HONEST,
      WRONG,
      ethers.id('third'),
    ])
    await anchor(world, round)
    await hostile.getFunction('setTerms')({ ...TERMS, minBondBps: 50_000, maxJobLifeSeconds: 60 })
    await mesh.syncTerms()
    await expect(post(world, { bondWei: 1n })).to.be.revertedWithCustomError(mesh, 'LifeTooLong')
    await open(world, round)
    const second = roundOf(world, round.order, AGREED, { round: 1, ids: [5, 6, 7] })
    await anchor(world, second)
    await open(world, second)
    const byKey = connect(mesh, world.provider(3).key)
    await byKey.acceptJob(order, 4)
    await byKey.submitResult(world.jobIdOf(order), HONEST)
    await time.increase(DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    await expectConserved(world)
  })
})

describe('The longest life', () => {
  const MAX_SECONDS = 10_000

  async function enterable(overrides: Partial<Order>, lifeSeconds: number, windows: number) {
    const world = await loadWorld()
    await changeTerms(world, { maxJobLifeSeconds: MAX_SECONDS })
    const now = (await time.latest()) + 100
    const order = await world.orderOf({ ...overrides, acceptBy: now + lifeSeconds - windows })
    return { world, mesh: world.mesh, order, now }
  }

  it('bounds a posted job by the terms, to the second', async () => {
    const windows = 3 * EXEC_WINDOW + DISPUTE_WINDOW
    for (const [life, refused] of [
      [MAX_SECONDS, false],
      [MAX_SECONDS + 1, true],
    ] as const) {
      const { world, mesh, order, now } = await enterable({ coordinator: ethers.ZeroAddress }, life, windows)
      await at(now)
      const posted = connect(mesh, world.requester).postJob(order)
      if (!refused) await posted
      else {
        await expect(posted).to.be.revertedWithCustomError(mesh, 'LifeTooLong').withArgs(life, MAX_SECONDS)
      }
    }
  })

  it('bounds seats by the terms, to the second', async () => {
    for (const [life, refused] of [
      [MAX_SECONDS, false],
      [MAX_SECONDS + 1, true],
    ] as const) {
      const { world, mesh, order, now } = await enterable({ mode: 1, seats: 3 }, life, 4 * EXEC_WINDOW)
      const round = roundOf(world, order, AGREED)
      await time.increaseTo(now - 1)
      const anchored = anchor(world, round)
      if (!refused) await anchored
      else {
        await expect(anchored).to.be.revertedWithCustomError(mesh, 'LifeTooLong').withArgs(life, MAX_SECONDS)
      }
    }
  })
})
