import { expect } from 'chai'
import { packTotals } from '../../../protocol/src/epochs/totals.ts'
import {
  answer,
  answerOf,
  applyAll,
  COORDINATOR,
  challenge,
  EPOCH_PARAMS,
  expectConserved,
  leaf,
  loadEpochWorld,
  PURSE_WEI,
  post,
  purseWei,
  refundAll,
  voucherOf,
} from '../support/epochs.ts'
import { connect, DUCK, time } from '../support/mesh.ts'

const { answerWindowSeconds, challengeDepositWei, challengeWindowSeconds } = EPOCH_PARAMS

describe('Attack on epochs: the payer', () => {
  it('drains its purse before the epoch: the delay outlasts cadence, trial, skip and redemption', async () => {
    const world = await loadEpochWorld()
    const { settler, requester } = world
    const { voucher, signature } = await voucherOf(world, 1, 1, PURSE_WEI)
    await connect(settler, requester).startUnreserve(COORDINATOR, 1, PURSE_WEI)
    // The worst case: the epoch comes in the last second, is wrong, and is challenged at the last moment.
    await time.increase(EPOCH_PARAMS.cadenceSeconds - 10)
    const posted = await post(world, [{ purseId: 1, providerId: 1, amountWei: PURSE_WEI }])
    await time.increase(challengeWindowSeconds - 10)
    await challenge(world, posted, 'debits', 0n)
    await time.increase(answerWindowSeconds + 1)
    await settler.revertEpoch(posted.header, 0, 0n)
    await refundAll(world, posted)
    await time.increase(EPOCH_PARAMS.cadenceSeconds + 1)
    await settler.skipSerial(COORDINATOR, 1)
    await expect(
      connect(settler, requester).unreserve(COORDINATOR, 1, requester.address),
    ).to.be.revertedWithCustomError(settler, 'TooEarly')
    await settler.redeem(voucher, signature)
    expect(await purseWei(world, 1)).to.equal(0n)
    await expectConserved(world)
  })

  it('front-runs the redemption with an older voucher: the newer one pays the difference', async () => {
    const world = await loadEpochWorld()
    await time.increase(EPOCH_PARAMS.cadenceSeconds + 1)
    await world.settler.skipSerial(COORDINATOR, 1)
    const older = await voucherOf(world, 1, 1, 1n)
    const newer = await voucherOf(world, 1, 1, 10n * DUCK)
    await connect(world.settler, world.requester).redeem(older.voucher, older.signature)
    await world.settler.redeem(newer.voucher, newer.signature)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 10n * DUCK)
    await expectConserved(world)
  })

  it('signs for a provider behind the coordinator: nobody can be blamed without a note', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [leaf(1, 1, 10)])
    const late = await voucherOf(world, 1, 2, 50n * DUCK)
    await expect(
      world.settler.proveUnderpaid(
        posted.header,
        posted.data.credits.packed,
        { coordinatorId: COORDINATOR, serial: 1, providerId: 2, totalWei: 50n * DUCK },
        late.signature,
      ),
    ).to.be.revertedWithCustomError(world.settler, 'BadSignature')
  })
})

describe('Attack on epochs: the challenger', () => {
  it('asks about everything: each answered question pays the coordinator, and the delay has an end', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const questions = Array.from({ length: 12 }, (_, i) => BigInt(i) * 5n * DUCK)
    await time.increase(challengeWindowSeconds - 60)
    for (const atWei of questions) await challenge(world, posted, 'debits', atWei)
    await time.increase(answerWindowSeconds - 60)
    for (const atWei of questions) await answer(world, posted, 'debits', atWei)
    expect(await world.settler.owedOf(world.owner.address)).to.equal(12n * challengeDepositWei)
    const { provableUntil } = await world.settler.epochOf(posted.epochId)
    const latest = posted.header.postedAt + BigInt(challengeWindowSeconds + 2 * answerWindowSeconds)
    expect(provableUntil <= latest).to.equal(true)
    await time.increaseTo(provableUntil + 1n)
    await applyAll(world, posted)
    await expectConserved(world)
  })

  it('answers its own question to get the deposit back: it goes to the coordinator', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await challenge(world, posted, 'debits', 0n)
    const given = await answerOf(world, posted, 'debits', 0n)
    await connect(world.settler, world.challenger).answerLeaf(posted.header, 0, 0n, given)
    expect(await world.settler.owedOf(world.challenger.address)).to.equal(0n)
    expect(await world.settler.owedOf(world.owner.address)).to.equal(challengeDepositWei)
  })

  it('passes an inner node for a leaf: tag and length differ', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const { tree } = posted.data.debits
    const [node] = tree[1]
    const { leaf: proof } = await answerOf(world, posted, 'debits', 0n)
    const forged = { ...proof, amountWei: node.sumWei, path: proof.path.slice(1) }
    await expect(
      world.settler.proveBadTotals(posted.header, 0, forged, posted.data.debits.packed),
    ).to.be.revertedWithCustomError(world.settler, 'BadLeaf')
  })

  it('shows totals of another epoch: the hash differs', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const { leaf: proof } = await answerOf(world, posted, 'debits', 0n)
    await expect(
      world.settler.proveBadTotals(posted.header, 0, proof, packTotals([{ id: 2, amountWei: DUCK }])),
    ).to.be.revertedWithCustomError(world.settler, 'TotalsMismatch')
  })
})
