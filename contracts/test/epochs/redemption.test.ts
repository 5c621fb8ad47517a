import { expect } from 'chai'
import { Wallet } from 'ethers'
import { buildEpoch, sides } from '../../../protocol/src/epochs/epoch.ts'
import {
  COORDINATOR,
  challenge,
  EPOCH_PARAMS,
  expectConserved,
  FEE_BPS,
  LEAVES,
  loadEpochWorld,
  PURSE_WEI,
  post,
  purseWei,
  refundAll,
  sendEpoch,
  voucherOf,
} from '../support/epochs.ts'
import { at, connect, DUCK, time } from '../support/mesh.ts'

const SerialStatus = { plain: 0n, reopened: 1n, skipped: 2n }
const { cadenceSeconds, answerWindowSeconds } = EPOCH_PARAMS
const net = (wei: bigint) => wei - (wei * FEE_BPS) / 10_000n

async function skipped() {
  const world = await loadEpochWorld()
  await time.increase(cadenceSeconds)
  await world.settler.skipSerial(COORDINATOR, 1)
  return world
}

describe('EpochSettler: skipping a serial', () => {
  it('is for anybody after one cadence without an epoch, not in its last second', async () => {
    const world = await loadEpochWorld()
    const { settler, stranger } = world
    const { presentAt } = await settler.coordinatorOf(COORDINATOR)
    const lastSecond = presentAt + BigInt(cadenceSeconds)
    await at(lastSecond)
    await expect(settler.skipSerial(COORDINATOR, 1))
      .to.be.revertedWithCustomError(settler, 'TooEarly')
      .withArgs(lastSecond)
    await at(lastSecond + 1n)
    await connect(settler, stranger).skipSerial(COORDINATOR, 1)
    expect((await settler.serialOf(COORDINATOR, 1)).status).to.equal(SerialStatus.skipped)
    expect((await settler.coordinatorOf(COORDINATOR)).nextSerial).to.equal(2n)
  })

  it('closes the serial for epochs; the next one can be posted', async () => {
    const world = await skipped()
    await expect(sendEpoch(world, buildEpoch(LEAVES))).to.be.revertedWithCustomError(
      world.settler,
      'BadSerial',
    )
    await post(world, LEAVES, { serial: 2 })
  })

  it('takes one cadence for each serial', async () => {
    const { settler } = await skipped()
    await expect(settler.skipSerial(COORDINATOR, 2)).to.be.revertedWithCustomError(settler, 'TooEarly')
    await expect(settler.skipSerial(COORDINATOR, 1))
      .to.be.revertedWithCustomError(settler, 'BadSerial')
      .withArgs(COORDINATOR, 1, 2)
  })

  it('is not for a serial that was posted, nor for one that is not reached', async () => {
    const world = await loadEpochWorld()
    await post(world)
    await time.increase(cadenceSeconds + 1)
    for (const serial of [0, 1, 3]) {
      await expect(world.settler.skipSerial(COORDINATOR, serial))
        .to.be.revertedWithCustomError(world.settler, 'BadSerial')
        .withArgs(COORDINATOR, serial, 2)
    }
  })

  it('is not for a coordinator that does not exist', async () => {
    const { settler } = await loadEpochWorld()
    await expect(settler.skipSerial(9, 0)).to.be.revertedWithCustomError(settler, 'NoCoordinator')
  })

  it('is for the serial of a reverted epoch after one more cadence', async () => {
    const world = await loadEpochWorld()
    const { settler } = world
    const posted = await post(world)
    await challenge(world, posted, 'debits', 0n)
    await time.increase(answerWindowSeconds + 1)
    await settler.revertEpoch(posted.header, sides.debits, 0n)
    const { status, since } = await settler.serialOf(COORDINATOR, 1)
    expect(status).to.equal(SerialStatus.reopened)
    const lastSecond = since + BigInt(cadenceSeconds)
    await at(lastSecond)
    await expect(settler.skipSerial(COORDINATOR, 1))
      .to.be.revertedWithCustomError(settler, 'TooEarly')
      .withArgs(lastSecond)
    await at(lastSecond + 1n)
    await settler.skipSerial(COORDINATOR, 1)
    await expect(sendEpoch(world, posted.data)).to.be.revertedWithCustomError(settler, 'BadSerial')
    await refundAll(world, posted)
    const { voucher, signature } = await voucherOf(world, 1, 1, 10n * DUCK)
    await settler.redeem(voucher, signature)
    await expectConserved(world)
  })

  it('opens vouchers for one cadence, to the second: an old serial is no way out of a purse', async () => {
    const world = await loadEpochWorld()
    const { settler } = world
    await time.increase(cadenceSeconds + 1)
    await settler.skipSerial(COORDINATOR, 1)
    const lastSecond = BigInt(await time.latest()) + BigInt(cadenceSeconds)
    const first = await voucherOf(world, 1, 1, DUCK)
    const more = await voucherOf(world, 1, 1, 2n * DUCK)
    await at(lastSecond)
    await settler.redeem(first.voucher, first.signature)
    await at(lastSecond + 1n)
    await expect(settler.redeem(more.voucher, more.signature))
      .to.be.revertedWithCustomError(settler, 'Expired')
      .withArgs(lastSecond)
    await expectConserved(world)
  })
})

describe('EpochSettler: redeeming', () => {
  it('pays the provider from the purse, less the fee, whoever calls', async () => {
    const world = await skipped()
    const { voucher, signature } = await voucherOf(world, 1, 2, 10n * DUCK)
    await connect(world.settler, world.stranger).redeem(voucher, signature)
    expect(await world.settler.earningsOf(2)).to.equal(net(10n * DUCK))
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 10n * DUCK)
    await expectConserved(world)
  })

  it('pays the difference for a larger voucher, and nothing for a smaller or the same one', async () => {
    const world = await skipped()
    const { settler } = world
    const [small, large] = await Promise.all([
      voucherOf(world, 1, 1, DUCK),
      voucherOf(world, 1, 1, 3n * DUCK),
    ])
    await settler.redeem(small.voucher, small.signature)
    await settler.redeem(large.voucher, large.signature)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 3n * DUCK)
    for (const { voucher, signature } of [small, large]) {
      await expect(settler.redeem(voucher, signature))
        .to.be.revertedWithCustomError(settler, 'AlreadyRedeemed')
        .withArgs(3n * DUCK, voucher.maxWei)
    }
    await expectConserved(world)
  })

  it('is all or nothing when the purse has less', async () => {
    const world = await skipped()
    const { voucher, signature } = await voucherOf(world, 1, 1, PURSE_WEI + 1n)
    await expect(world.settler.redeem(voucher, signature))
      .to.be.revertedWithCustomError(world.settler, 'InsufficientBalance')
      .withArgs(1, PURSE_WEI, PURSE_WEI + 1n)
    await connect(world.settler, world.challenger).reserve(COORDINATOR, 1, 1n)
    await world.settler.redeem(voucher, signature)
    expect(await purseWei(world, 1)).to.equal(0n)
    await expectConserved(world)
  })

  it('needs a serial that was skipped', async () => {
    const world = await loadEpochWorld()
    await post(world)
    for (const serial of [1, 2]) {
      const { voucher, signature } = await voucherOf(world, 1, 1, DUCK, { serial })
      await expect(world.settler.redeem(voucher, signature))
        .to.be.revertedWithCustomError(world.settler, 'NotSkipped')
        .withArgs(COORDINATOR, serial)
    }
  })

  it('needs the signature of the key of the purse', async () => {
    const world = await skipped()
    const signer = new Wallet(`0x${'33'.repeat(32)}`)
    const { voucher, signature } = await voucherOf(world, 1, 1, DUCK, { signer })
    await expect(world.settler.redeem(voucher, signature))
      .to.be.revertedWithCustomError(world.settler, 'BadSignature')
      .withArgs(world.purseKeys[0].address)
  })

  it('does not take a bad signature for that of a purse that does not exist', async () => {
    const world = await skipped()
    const { voucher } = await voucherOf(world, 9, 1, DUCK, { signer: world.purseKeys[0] })
    await expect(world.settler.redeem(voucher, `0x${'00'.repeat(65)}`)).to.be.revertedWithCustomError(
      world.settler,
      'BadSignature',
    )
  })

  it('refuses a fee above 100 %', async () => {
    const world = await skipped()
    await world.terms.setFee(10_001)
    const { voucher, signature } = await voucherOf(world, 1, 1, DUCK)
    await expect(world.settler.redeem(voucher, signature)).to.be.revertedWithCustomError(
      world.settler,
      'BadFee',
    )
  })
})
