import { expect } from 'chai'
import { buildEpoch, sides } from '../../../protocol/src/epochs/epoch.ts'
import {
  afterWindow,
  answer,
  answerOf,
  applyAll,
  COORDINATOR,
  challenge,
  EPOCH_PARAMS,
  EpochStatus,
  type EpochWorld,
  EXIT_DELAY,
  expectConserved,
  LEAVES,
  leaf,
  loadEpochWorld,
  noteOf,
  type Posted,
  PURSE_WEI,
  post,
  postData,
  purseWei,
  refundAll,
  sendEpoch,
  statusOf,
  voucherOf,
} from '../support/epochs.ts'
import { connect, DUCK, ethers, time } from '../support/mesh.ts'

const { answerWindowSeconds, challengeDepositWei, challengeWindowSeconds } = EPOCH_PARAMS

/** The answer window ends without a right answer, and anybody reverts. */
async function expectCaught(world: EpochWorld, posted: Posted, side: 'debits' | 'credits', atWei: bigint) {
  await time.increase(answerWindowSeconds + 1)
  await connect(world.settler, world.stranger).revertEpoch(posted.header, sides[side], atWei)
  await refundAll(world, posted)
  expect(await statusOf(world, posted)).to.equal(EpochStatus.refunded)
  await expectConserved(world)
}

describe('Attack on epochs: the coordinator', () => {
  it('settles a voucher again in the next epoch: the voucher is no answer there', async () => {
    const world = await loadEpochWorld()
    await post(world, [leaf(1, 1, 10)])
    const again = await post(world, [leaf(1, 1, 10)], { serial: 2 })
    await challenge(world, again, 'debits', 0n)
    const given = await answerOf(world, again, 'debits', 0n, { serial: 1 })
    await expect(world.settler.answerLeaf(again.header, 0, 0n, given)).to.be.revertedWithCustomError(
      world.settler,
      'BadSignature',
    )
    await time.increase(answerWindowSeconds + 1)
    await world.settler.revertEpoch(again.header, 0, 0n)
    await refundAll(world, again)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 10n * DUCK)
  })

  it('settles a voucher that was redeemed: its serial takes no epoch', async () => {
    const world = await loadEpochWorld()
    await time.increase(EPOCH_PARAMS.cadenceSeconds + 1)
    await world.settler.skipSerial(COORDINATOR, 1)
    const { voucher, signature } = await voucherOf(world, 1, 1, 10n * DUCK)
    await world.settler.redeem(voucher, signature)
    await expect(sendEpoch(world, buildEpoch([leaf(1, 1, 10)]))).to.be.revertedWithCustomError(
      world.settler,
      'BadSerial',
    )
  })

  it('inflates a leaf above its voucher: no answer covers it', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [leaf(1, 1, 90), leaf(2, 1, 1)])
    await challenge(world, posted, 'credits', 50n * DUCK)
    const given = await answerOf(world, posted, 'credits', 50n * DUCK)
    const { voucher, signature } = await voucherOf(world, 1, 1, 10n * DUCK)
    const signed = { ...given, maxWei: voucher.maxWei, voucherSig: signature }
    await expect(world.settler.answerLeaf(posted.header, 1, 50n * DUCK, signed))
      .to.be.revertedWithCustomError(world.settler, 'VoucherTooSmall')
      .withArgs(10n * DUCK, 90n * DUCK)
    await expectCaught(world, posted, 'credits', 50n * DUCK)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI)
  })

  it('hides the leaves: whoever was debited asks by wei, without any data', async () => {
    const world = await loadEpochWorld()
    const data = buildEpoch(LEAVES)
    const hidden = { debitsRoot: ethers.id('nothing'), creditsRoot: ethers.id('nothing either') }
    const posted = await postData(world, data, hidden)
    await challenge(world, posted, 'debits', 15n * DUCK)
    await expect(answer(world, posted, 'debits', 15n * DUCK)).to.be.revertedWithCustomError(
      world.settler,
      'BadLeaf',
    )
    await expectCaught(world, posted, 'debits', 15n * DUCK)
  })

  it('debits honestly and credits its own provider: the debit has no leaf on the other side', async () => {
    const world = await loadEpochWorld()
    const signed = buildEpoch([leaf(1, 1, 10)])
    const stolen = buildEpoch([leaf(2, 7, 10)])
    const posted = await postData(world, { ...signed, credits: stolen.credits })
    await challenge(world, posted, 'debits', 0n)
    const given = await answerOf(world, { ...posted, data: signed }, 'debits', 0n)
    await expect(world.settler.answerLeaf(posted.header, 0, 0n, given))
      .to.be.revertedWithCustomError(world.settler, 'BadLeaf')
      .withArgs(sides.credits)
    await expectCaught(world, posted, 'debits', 0n)
  })

  it('puts one pair in twice under one voucher: two answers are the proof, and there is time for it', async () => {
    const world = await loadEpochWorld()
    // Two leaves of one pair in both trees; each has a voucher of its own amount.
    const honest = buildEpoch([leaf(1, 1, 20)])
    const twice = [leaf(1, 1, 10), leaf(1, 1, 10)]
    const { buildSumTree, leafHash, rootOf } = await import('../../../protocol/src/epochs/sumTree.ts')
    const hash = leafHash(1, 1, 10n * DUCK)
    const tree = buildSumTree([hash, hash].map((each) => ({ hash: each, sumWei: 10n * DUCK })))
    const side = { leaves: twice, fromWei: [0n, 10n * DUCK], tree, root: rootOf(tree).hash }
    const data = {
      ...honest,
      debits: { ...honest.debits, ...side },
      credits: { ...honest.credits, ...side },
    }
    const posted = await postData(world, data)
    await time.increase(challengeWindowSeconds - 100)
    await challenge(world, posted, 'debits', 0n)
    await challenge(world, posted, 'debits', 10n * DUCK)
    await afterWindow(posted)
    const first = await answerOf(world, posted, 'debits', 0n)
    const second = await answerOf(world, posted, 'debits', 10n * DUCK)
    await world.settler.answerLeaf(posted.header, 0, 0n, first)
    await world.settler.answerLeaf(posted.header, 0, 10n * DUCK, second)
    await expect(applyAll(world, posted)).to.be.revertedWithCustomError(world.settler, 'TooEarly')
    await connect(world.settler, world.stranger).proveBadOrder(posted.header, 0, first.leaf, second.leaf)
    await refundAll(world, posted)
    await expectConserved(world)
  })

  it('leaves out a job that it promised: its own note is the proof', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [leaf(1, 1, 10)])
    const { note, signature } = await noteOf(world, 2, 5n * DUCK)
    await connect(world.settler, world.stranger).proveUnderpaid(
      posted.header,
      posted.data.credits.packed,
      note,
      signature,
    )
    expect(await statusOf(world, posted)).to.equal(EpochStatus.reverted)
  })

  it('takes more than the purses hold: the post fails', async () => {
    const world = await loadEpochWorld()
    await expect(sendEpoch(world, buildEpoch([leaf(1, 1, 101)]))).to.be.revertedWithCustomError(
      world.settler,
      'InsufficientBalance',
    )
  })

  it('takes from a purse of another coordinator: numbers are its own', async () => {
    const world = await loadEpochWorld()
    const { settler, challenger } = world
    await connect(settler, challenger).registerCoordinator(challenger.address, 100n * DUCK)
    const { debits, credits } = buildEpoch([leaf(1, 1, 10)])
    await expect(
      connect(settler, challenger).postEpoch(
        2,
        1,
        1,
        debits.root,
        credits.root,
        debits.packed,
        credits.packed,
      ),
    )
      .to.be.revertedWithCustomError(settler, 'InsufficientBalance')
      .withArgs(1, 0n, 10n * DUCK)
  })

  it('takes its bond before a bad epoch is judged: what is at stake stays', async () => {
    const world = await loadEpochWorld()
    const { settler, owner, token } = world
    await connect(settler, owner).startExit(COORDINATOR)
    await time.increase(EXIT_DELAY + 1)
    const posted = await post(world)
    await challenge(world, posted, 'debits', 0n)
    await connect(settler, owner).withdrawBond(COORDINATOR, owner.address)
    const supply = await token.totalSupply()
    await expectCaught(world, posted, 'debits', 0n)
    expect(supply - (await token.totalSupply())).to.equal(posted.header.bondWei / 2n)
  })

  it('challenges itself to keep others from asking: the wei beside it are free, and it must answer too', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await challenge(world, posted, 'debits', 0n, world.owner)
    await challenge(world, posted, 'debits', 1n)
    expect((await world.settler.epochOf(posted.epochId)).openChallenges).to.equal(2n)
    await expectLossAtLeastHalf(world, posted)
  })

  it('proves its own epoch wrong to get the reward: half of the bond is burned all the same', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await challenge(world, posted, 'debits', 0n, world.owner)
    await expectLossAtLeastHalf(world, posted)
  })

  /** The owner's own challenge at wei 0 stays unanswered. */
  async function expectLossAtLeastHalf(world: EpochWorld, posted: Posted) {
    await time.increase(answerWindowSeconds + 1)
    await world.settler.revertEpoch(posted.header, 0, 0n)
    const gainWei = await world.settler.owedOf(world.owner.address)
    expect(gainWei).to.equal(posted.header.bondWei / 2n + challengeDepositWei)
  }
})
