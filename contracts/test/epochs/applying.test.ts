import { expect } from 'chai'
import { sides } from '../../../protocol/src/epochs/epoch.ts'
import {
  afterWindow,
  answer,
  applyAll,
  COORDINATOR,
  COORDINATOR_BOND_WEI,
  challenge,
  EPOCH_PARAMS,
  EpochStatus,
  expectConserved,
  FEE_BPS,
  LEAVES,
  leaf,
  loadEpochWorld,
  PURSE_WEI,
  post,
  purseWei,
  refundAll,
  statusOf,
} from '../support/epochs.ts'
import { at, connect, DUCK, time } from '../support/mesh.ts'

const TOTAL_WEI = 60n * DUCK
const net = (wei: bigint) => wei - (wei * FEE_BPS) / 10_000n

async function applied() {
  const world = await loadEpochWorld()
  const posted = await post(world)
  await afterWindow(posted)
  await applyAll(world, posted)
  return { world, posted }
}

async function reverted() {
  const world = await loadEpochWorld()
  const posted = await post(world)
  await challenge(world, posted, 'debits', 0n)
  await time.increase(EPOCH_PARAMS.answerWindowSeconds + 1)
  await world.settler.revertEpoch(posted.header, sides.debits, 0n)
  return { world, posted, bondWei: TOTAL_WEI }
}

describe('EpochSettler: applying', () => {
  it('credits every provider less the fee, and frees the bond', async () => {
    const { world, posted } = await applied()
    const { settler } = world
    expect(await settler.earningsOf(1)).to.equal(net(30n * DUCK))
    expect(await settler.earningsOf(2)).to.equal(net(9n * DUCK))
    expect(await settler.earningsOf(3)).to.equal(net(21n * DUCK))
    expect(await statusOf(world, posted)).to.equal(EpochStatus.applied)
    const { freeBondWei, feesWei } = await settler.coordinatorOf(COORDINATOR)
    expect(freeBondWei).to.equal(COORDINATOR_BOND_WEI)
    expect(feesWei).to.equal(TOTAL_WEI - net(TOTAL_WEI))
    await expectConserved(world)
  })

  it('waits for the window: not in its last second', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const lastSecond = posted.header.postedAt + BigInt(EPOCH_PARAMS.challengeWindowSeconds)
    await at(lastSecond)
    await expect(applyAll(world, posted))
      .to.be.revertedWithCustomError(world.settler, 'TooEarly')
      .withArgs(lastSecond)
    await at(lastSecond + 1n)
    await applyAll(world, posted)
  })

  it('waits for open challenges', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await time.increase(EPOCH_PARAMS.challengeWindowSeconds - 10)
    await challenge(world, posted, 'debits', 0n)
    await afterWindow(posted)
    await expect(applyAll(world, posted))
      .to.be.revertedWithCustomError(world.settler, 'ChallengesOpen')
      .withArgs(posted.epochId, 1)
  })

  it('gives time for proofs after a late answer', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await time.increase(EPOCH_PARAMS.challengeWindowSeconds - 10)
    await challenge(world, posted, 'debits', 0n)
    await afterWindow(posted)
    await answer(world, posted, 'debits', 0n)
    const provableUntil = BigInt((await time.latest()) + EPOCH_PARAMS.answerWindowSeconds)
    await at(provableUntil)
    await expect(applyAll(world, posted))
      .to.be.revertedWithCustomError(world.settler, 'TooEarly')
      .withArgs(provableUntil)
    await at(provableUntil + 1n)
    await applyAll(world, posted)
    expect(await statusOf(world, posted)).to.equal(EpochStatus.applied)
  })

  it('credits each provider once', async () => {
    const { world, posted } = await applied()
    await expect(applyAll(world, posted))
      .to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
      .withArgs(posted.epochId, EpochStatus.applied)
  })

  it('goes on where it stopped, whoever calls', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await afterWindow(posted)
    await applyAll(world, posted, 1)
    expect(await statusOf(world, posted)).to.equal(EpochStatus.applying)
    expect(await world.settler.earningsOf(1)).to.equal(net(30n * DUCK))
    expect(await world.settler.earningsOf(2)).to.equal(0n)
    await expectConserved(world, TOTAL_WEI + 30n * DUCK)
    await applyAll({ ...world, settler: connect(world.settler, world.stranger) }, posted, 2)
    expect(await statusOf(world, posted)).to.equal(EpochStatus.applied)
    expect(await world.settler.earningsOf(1)).to.equal(net(30n * DUCK))
    await expectConserved(world)
  })

  it('cannot be proven wrong once it is half applied', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await afterWindow(posted)
    await applyAll(world, posted, 1)
    await expect(challenge(world, posted, 'debits', 0n))
      .to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
      .withArgs(posted.epochId, EpochStatus.applying)
  })

  it('takes the whole list that was posted and nothing else', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await afterWindow(posted)
    await expect(
      world.settler.applyTotals(posted.header, posted.data.debits.packed, 10),
    ).to.be.revertedWithCustomError(world.settler, 'TotalsMismatch')
    await expect(applyAll(world, posted, 0)).to.be.revertedWithCustomError(world.settler, 'ZeroAmount')
  })

  it('takes the header that was posted and nothing else', async () => {
    const world = await loadEpochWorld()
    const { header, data } = await post(world)
    await afterWindow({ header } as never)
    for (const change of [{ feeBps: 0n }, { totalWei: 1n }, { bondWei: 2n ** 90n }, { coordinatorId: 2n }]) {
      await expect(
        world.settler.applyTotals({ ...header, ...change }, data.credits.packed, 10),
      ).to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
    }
  })

  it('takes the fee as it was when the epoch was posted', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await world.terms.setFee(1_000)
    await afterWindow(posted)
    await applyAll(world, posted)
    expect(await world.settler.earningsOf(1)).to.equal(net(30n * DUCK))
  })

  it('rounds the fee of one wei down to nothing', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [{ purseId: 1, providerId: 1, amountWei: 1n }])
    await afterWindow(posted)
    await applyAll(world, posted)
    expect(await world.settler.earningsOf(1)).to.equal(1n)
    await expectConserved(world)
  })
})

describe('EpochSettler: refunding', () => {
  it('gives every purse its debit back', async () => {
    const { world, posted, bondWei } = await reverted()
    await refundAll(world, posted)
    for (const purseId of [1, 2, 3, 4]) expect(await purseWei(world, purseId)).to.equal(PURSE_WEI)
    expect(await statusOf(world, posted)).to.equal(EpochStatus.refunded)
    const { freeBondWei } = await world.settler.coordinatorOf(COORDINATOR)
    expect(freeBondWei).to.equal(COORDINATOR_BOND_WEI - bondWei)
    await expectConserved(world)
  })

  it('goes on where it stopped, and refunds once', async () => {
    const { world, posted } = await reverted()
    await refundAll(world, posted, 2)
    expect(await purseWei(world, 2)).to.equal(PURSE_WEI)
    expect(await purseWei(world, 3)).to.equal(PURSE_WEI - 24n * DUCK)
    await expectConserved(world, 24n * DUCK)
    await refundAll(world, posted, 2)
    expect(await purseWei(world, 3)).to.equal(PURSE_WEI)
    await expect(refundAll(world, posted))
      .to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
      .withArgs(posted.epochId, EpochStatus.refunded)
    await expectConserved(world)
  })

  it('needs a reverted epoch and its own list', async () => {
    const { world, posted } = await reverted()
    await expect(
      world.settler.refundDebits(posted.header, posted.data.credits.packed, 10),
    ).to.be.revertedWithCustomError(world.settler, 'TotalsMismatch')
    const open = await post(world, LEAVES, { serial: 2 })
    await expect(refundAll(world, open))
      .to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
      .withArgs(open.epochId, EpochStatus.posted)
  })

  it('lets the same serial be posted again, correctly, and applied', async () => {
    const { world, posted } = await reverted()
    await refundAll(world, posted)
    const again = await post(world)
    expect(again.epochId).to.not.equal(posted.epochId)
    await expect(post(world)).to.be.revertedWithCustomError(world.settler, 'BadSerial')
    await afterWindow(again)
    await applyAll(world, again)
    expect(await statusOf(world, posted)).to.equal(EpochStatus.refunded)
    await expectConserved(world)
  })

  it('refunds also after the serial was posted again', async () => {
    const { world, posted } = await reverted()
    const again = await post(world)
    await refundAll(world, posted)
    await afterWindow(again)
    await applyAll(world, again)
    await expectConserved(world)
  })
})

describe('EpochSettler: taking out', () => {
  it('sends earnings to the owner of the provider, whoever calls', async () => {
    const { world } = await applied()
    const { settler, token, stranger } = world
    const { owner } = world.provider(0)
    const before = await token.balanceOf(owner.address)
    await connect(settler, stranger).withdrawEarnings(1)
    expect((await token.balanceOf(owner.address)) - before).to.equal(net(30n * DUCK))
    await expect(settler.withdrawEarnings(1)).to.be.revertedWithCustomError(settler, 'ZeroAmount')
    await expectConserved(world)
  })

  it('keeps earnings of a provider that nobody registered yet', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [leaf(1, 8, 1)])
    await afterWindow(posted)
    await applyAll(world, posted)
    await expect(world.settler.withdrawEarnings(8)).to.be.revertedWithCustomError(
      world.settler,
      'InvalidRecipient',
    )
    expect(await world.settler.earningsOf(8)).to.equal(net(DUCK))
  })

  it('sends the fees to the treasury of the mesh', async () => {
    const { world } = await applied()
    const { settler, token, treasury } = world
    await settler.withdrawFees(COORDINATOR)
    expect(await token.balanceOf(treasury.address)).to.equal(TOTAL_WEI - net(TOTAL_WEI))
    await expect(settler.withdrawFees(COORDINATOR)).to.be.revertedWithCustomError(settler, 'ZeroAmount')
    await expectConserved(world)
  })

  it('owes nothing to strangers', async () => {
    const { settler, stranger } = await loadEpochWorld()
    await expect(connect(settler, stranger).withdrawOwed(stranger.address)).to.be.revertedWithCustomError(
      settler,
      'ZeroAmount',
    )
  })
})
