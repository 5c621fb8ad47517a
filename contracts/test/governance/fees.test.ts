import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { feeOf, netOf } from '../support/fees.ts'
import {
  at,
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  loadWorld,
  NOTICE_SECONDS,
  PRICE_WEI,
  STAKE_WEI,
  TERMS,
  time,
  type World,
} from '../support/mesh.ts'
import { settle } from '../support/settling.ts'
import { ADOPTION_SECONDS, changeTerms } from '../support/terms.ts'

const START_WEI = DEPOSIT_WEI - STAKE_WEI
const NEW_FEE_BPS = 1_000

/** Provider `id` is paid `amountWei` for an order. */
async function earn(world: World, id: number, amountWei: bigint): Promise<void> {
  await settle(world, await world.orderOf({ priceWei: amountWei }), { providerId: id })
}

async function feeAndVersion({ mesh }: World, id: number): Promise<[number, number]> {
  const { feeBps, version } = await mesh.feeOf(id)
  return [Number(feeBps), Number(version)]
}

/** A world whose newest terms have another fee; also their first second. */
async function newFee(changes: Partial<typeof TERMS> = { feeBps: NEW_FEE_BPS }) {
  const world = await loadWorld()
  await changeTerms(world, changes)
  const { effectiveAt } = await world.meshParams.current()
  return { world, mesh: world.mesh, effectiveAt: Number(effectiveAt) }
}

describe('The fee of a provider', () => {
  it('is that of the terms it registered under, whatever comes later', async () => {
    const { world, mesh } = await newFee()
    await connect(mesh, world.challenger).registerProvider(
      world.stranger.address,
      ethers.ZeroHash,
      '',
      STAKE_WEI,
    )
    const newcomer = Number(await mesh.providerIdOf(world.challenger.address))
    expect(await feeAndVersion(world, 1)).to.deep.equal([TERMS.feeBps, 0])
    expect(await feeAndVersion(world, newcomer)).to.deep.equal([NEW_FEE_BPS, 1])
    await earn(world, 1, PRICE_WEI)
    expect(await mesh.feeDueOf(world.provider(0).owner.address)).to.equal(feeOf(PRICE_WEI))
  })

  it('changes when its owner or its key adopts the newest terms', async () => {
    const { world, mesh } = await newFee()
    const [byOwner, byKey] = [world.provider(0).owner, world.provider(1).key]
    await expect(connect(mesh, byOwner).adoptTerms(1)).to.emit(mesh, 'TermsAdopted').withArgs(1, 1)
    await expect(connect(mesh, byKey).adoptTerms(2)).to.emit(mesh, 'TermsAdopted').withArgs(2, 1)
    expect(await feeAndVersion(world, 1)).to.deep.equal([NEW_FEE_BPS, 1])
    expect(await feeAndVersion(world, 2)).to.deep.equal([NEW_FEE_BPS, 1])
    expect(await feeAndVersion(world, 3)).to.deep.equal([TERMS.feeBps, 0])
  })

  it('of what was earned before is the old one, and moves to the treasury with it', async () => {
    const { world, mesh } = await newFee()
    const { owner, key } = world.provider(0)
    await earn(world, 1, 1_001n)
    await connect(mesh, key).adoptTerms(1)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(1_001n))
    expect(await mesh.feeDueOf(owner.address)).to.equal(0n)
    await earn(world, 1, 1_001n)
    expect(await mesh.feeDueOf(owner.address)).to.equal(feeOf(1_001n, NEW_FEE_BPS))
    const wantWei = START_WEI + netOf(1_001n) + netOf(1_001n, NEW_FEE_BPS)
    expect(await world.freeOf(owner)).to.equal(wantWei)
    await connect(mesh, owner).withdraw(wantWei, owner.address)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(1_001n) + feeOf(1_001n, NEW_FEE_BPS))
    await expectConserved(world)
  })

  it('stays the adopted one when the earnings moved', async () => {
    const { world, mesh } = await newFee()
    const { owner } = world.provider(0)
    await connect(mesh, owner).adoptTerms(1)
    await earn(world, 1, PRICE_WEI)
    await mesh.collectFees([1])
    expect(await feeAndVersion(world, 1)).to.deep.equal([NEW_FEE_BPS, 1])
    await earn(world, 1, PRICE_WEI)
    expect(await mesh.feeDueOf(owner.address)).to.equal(feeOf(PRICE_WEI, NEW_FEE_BPS))
  })

  it('cannot be raised by anybody else before its notice is over, to the second', async () => {
    const { world, mesh, effectiveAt } = await newFee()
    const { stranger } = world
    const noticeUntil = effectiveAt + ADOPTION_SECONDS
    await at(noticeUntil)
    await expect(connect(mesh, stranger).adoptTerms(1))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, stranger.address)
    await at(noticeUntil + 1)
    await connect(mesh, stranger).adoptTerms(1)
    expect(await feeAndVersion(world, 1)).to.deep.equal([NEW_FEE_BPS, 1])
  })

  it('has its notice from the first second of the terms, however late they were brought', async () => {
    const world = await loadWorld()
    await connect(world.meshParams, world.deployer).publish({ ...TERMS, feeBps: NEW_FEE_BPS })
    await time.increase(NOTICE_SECONDS + ADOPTION_SECONDS + 1)
    await world.mesh.syncTerms()
    await connect(world.mesh, world.stranger).adoptTerms(1)
    expect(await feeAndVersion(world, 1)).to.deep.equal([NEW_FEE_BPS, 1])
  })

  it('has a new notice when newer terms follow', async () => {
    const { world, mesh } = await newFee()
    await time.increase(ADOPTION_SECONDS)
    await changeTerms(world, { feeBps: 300 })
    await expect(connect(mesh, world.stranger).adoptTerms(1)).to.be.revertedWithCustomError(
      mesh,
      'NotProvider',
    )
    await connect(mesh, world.provider(0).key).adoptTerms(1)
    expect(await feeAndVersion(world, 1)).to.deep.equal([300, 2])
  })

  it('cannot be adopted twice, and not before the mesh knows of it', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { key } = world.provider(0)
    await connect(world.meshParams, world.deployer).publish({ ...TERMS, feeBps: NEW_FEE_BPS })
    await time.increase(NOTICE_SECONDS)
    const adopt = () => connect(mesh, key).adoptTerms(1)
    await expect(adopt()).to.be.revertedWithCustomError(mesh, 'TermsAdoptedAlready').withArgs(1, 0)
    await mesh.syncTerms()
    await adopt()
    await expect(adopt()).to.be.revertedWithCustomError(mesh, 'TermsAdoptedAlready').withArgs(1, 1)
  })

  it('begins with the registration, whatever was adopted for the id before', async () => {
    const { world, mesh } = await newFee()
    await time.increase(ADOPTION_SECONDS)
    await connect(mesh, world.stranger).adoptTerms(8)
    await changeTerms(world, { feeBps: 300 })
    const register = connect(mesh, world.challenger).registerProvider
    await register(world.stranger.address, ethers.ZeroHash, '', STAKE_WEI)
    expect(await mesh.providerIdOf(world.challenger.address)).to.equal(8n)
    expect(await feeAndVersion(world, 8)).to.deep.equal([300, 2])
    expect((await mesh.providerOf(0)).owner).to.equal(ethers.ZeroAddress)
    await expectConserved(world)
  })

  it('is at most 10 %, and may be nothing', async () => {
    const world = await loadWorld()
    for (const feeBps of [1_000, 0]) {
      await changeTerms(world, { feeBps })
      await connect(world.mesh, world.provider(0).key).adoptTerms(1)
      await earn(world, 1, 1_009n)
      expect(await world.mesh.feeDueOf(world.provider(0).owner.address)).to.equal(feeOf(1_009n, feeBps))
    }
    await expectConserved(world)
  })
})

describe('Collecting fees', () => {
  it('moves earnings to their owners and their fees to the treasury, once, whoever calls', async () => {
    const world = await loadWorld()
    const { mesh, stranger, treasury } = world
    const { owner } = world.provider(0)
    await earn(world, 1, PRICE_WEI)
    const freeWei = await world.freeOf(owner)
    const collect = () => connect(mesh, stranger).collectFees([1, 2])
    await expect(collect()).to.emit(mesh, 'FeesCollected').withArgs(feeOf(PRICE_WEI))
    expect(await world.freeOf(treasury)).to.equal(feeOf(PRICE_WEI))
    expect(await world.freeOf(owner)).to.equal(freeWei)
    expect(await mesh.feeDueOf(owner.address)).to.equal(0n)
    await expect(collect()).to.emit(mesh, 'FeesCollected').withArgs(0)
    await expectConserved(world)
  })

  it('counts a provider named twice once, and unknown ones not at all', async () => {
    const world = await loadWorld()
    await earn(world, 1, PRICE_WEI)
    await expect(world.mesh.collectFees([0, 1, 1, 99, 2 ** 32 - 1]))
      .to.emit(world.mesh, 'FeesCollected')
      .withArgs(feeOf(PRICE_WEI))
    await expect(world.mesh.collectFees([])).to.emit(world.mesh, 'FeesCollected').withArgs(0)
    await expectConserved(world)
  })

  it('conserves every wei with providers of several versions', async () => {
    const world = await loadWorld()
    const { mesh, treasury } = world
    const feesBps = [TERMS.feeBps, 1, 333, 1_000]
    const amounts = [1n, 39n, 40n, 10_001n, 12_345_678_901n, PRICE_WEI]
    // provider i works under version i; each earns under every version that it passes
    let expectedWei = 0n
    for (const [version, feeBps] of feesBps.entries()) {
      if (version > 0) await changeTerms(world, { feeBps })
      for (let id = version + 1; id <= feesBps.length; id++) {
        if (version > 0) await connect(mesh, world.provider(id - 1).owner).adoptTerms(id)
        let grossWei = 0n
        for (const amount of amounts) {
          await earn(world, id, amount + BigInt(id))
          grossWei += amount + BigInt(id)
        }
        expectedWei += feeOf(grossWei, feeBps)
        if (id === version + 1) expect(await feeAndVersion(world, id)).to.deep.equal([feeBps, version])
      }
    }
    await expectConserved(world)
    await mesh.collectFees([1, 2, 3, 4])
    expect(await world.freeOf(treasury)).to.equal(expectedWei)
    await expectConserved(world)
  })

  it('many times never takes more than once for all', async () => {
    const world = await loadWorld()
    const { owner } = world.provider(0)
    for (let i = 0; i < 5; i++) {
      await earn(world, 1, 79n)
      await world.mesh.collectFees([1])
    }
    const feesWei = await world.freeOf(world.treasury)
    expect(feesWei).to.equal(5n * feeOf(79n))
    expect(feesWei).to.be.at.most(feeOf(5n * 79n))
    expect(await world.freeOf(owner)).to.equal(START_WEI + 5n * netOf(79n))
    await expectConserved(world)
  })
})

describe('Fees that nobody collected', () => {
  it('are no part of any balance: the owner cannot withdraw them', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner } = world.provider(0)
    await earn(world, 1, PRICE_WEI)
    const allWei = START_WEI + netOf(PRICE_WEI)
    await expect(connect(mesh, owner).withdraw(allWei + 1n, owner.address))
      .to.be.revertedWithCustomError(mesh, 'InsufficientFree')
      .withArgs(owner.address, allWei, allWei + 1n)
    await connect(mesh, owner).withdraw(allWei, owner.address)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(PRICE_WEI))
    await expectConserved(world)
  })

  it('stay with the earnings while the free balance covers what is spent', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner } = world.provider(0)
    await earn(world, 1, PRICE_WEI)
    await connect(mesh, owner).withdraw(START_WEI, owner.address)
    expect(await world.freeOf(world.treasury)).to.equal(0n)
    await connect(mesh, owner).withdraw(1, owner.address)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(PRICE_WEI))
    await expectConserved(world)
  })

  it('move with a stake that needs the earnings', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner } = world.provider(0)
    await earn(world, 1, PRICE_WEI)
    await connect(mesh, owner).stake(1, START_WEI + DUCK)
    expect(await world.freeOf(world.treasury)).to.equal(feeOf(PRICE_WEI))
    expect(await world.freeOf(owner)).to.equal(netOf(PRICE_WEI) - DUCK)
    await expectConserved(world)
  })
})

describe('The treasury', () => {
  it('cannot own a provider: its balance changes while an owner is paid', async () => {
    const world = await loadWorld()
    const { mesh, token, treasury, stranger } = world
    await token.transfer(treasury.address, STAKE_WEI)
    await connect(token, treasury).approve(await mesh.getAddress(), STAKE_WEI)
    await connect(mesh, treasury).deposit(STAKE_WEI)
    await expect(connect(mesh, treasury).registerProvider(stranger.address, ethers.ZeroHash, '', STAKE_WEI))
      .to.be.revertedWithCustomError(mesh, 'NotOwner')
      .withArgs(0, treasury.address)
  })

  it('spends and withdraws the fees like anybody its balance', async () => {
    const world = await loadWorld()
    const { mesh, token, treasury } = world
    await earn(world, 1, PRICE_WEI)
    await mesh.collectFees([1])
    await connect(mesh, treasury).withdraw(feeOf(PRICE_WEI), treasury.address)
    expect(await token.balanceOf(treasury.address)).to.equal(feeOf(PRICE_WEI))
    await expectConserved(world)
  })
})
