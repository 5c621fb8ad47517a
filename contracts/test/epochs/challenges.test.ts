import { expect } from 'chai'
import { Wallet } from 'ethers'
import { sides } from '../../../protocol/src/epochs/epoch.ts'
import {
  afterWindow,
  answer,
  answerOf,
  applyAll,
  COORDINATOR,
  challenge,
  EPOCH_PARAMS,
  EpochStatus,
  expectConserved,
  leaf,
  loadEpochWorld,
  post,
  proofOf,
  refundAll,
  statusOf,
} from '../support/epochs.ts'
import { at, connect, DUCK, time } from '../support/mesh.ts'

const TOTAL_WEI = 60n * DUCK
const HELD_WEI = 2n * TOTAL_WEI
const { challengeDepositWei: DEPOSIT_WEI, answerWindowSeconds, challengeWindowSeconds } = EPOCH_PARAMS

async function challenged(atWei = 0n) {
  const world = await loadEpochWorld()
  const posted = await post(world)
  await challenge(world, posted, 'debits', atWei)
  return { world, posted, answerBy: BigInt((await time.latest()) + answerWindowSeconds) }
}

describe('EpochSettler: challenges', () => {
  it('takes the deposit and remembers who asked', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await expect(challenge(world, posted, 'credits', 7n)).to.emit(world.settler, 'LeafChallenged')
    const answerBy = BigInt((await time.latest()) + answerWindowSeconds)
    const open = await world.settler.challengeOf(posted.epochId, sides.credits, 7n)
    expect(open.toObject()).to.deep.equal({ challenger: world.challenger.address, answerBy })
    expect((await world.settler.epochOf(posted.epochId)).openChallenges).to.equal(1n)
    await expectConserved(world, HELD_WEI + DEPOSIT_WEI)
  })

  it('is possible in the last second of the window and not later', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    const lastSecond = posted.header.postedAt + BigInt(challengeWindowSeconds)
    await at(lastSecond)
    await challenge(world, posted, 'debits', 0n)
    await expect(challenge(world, posted, 'debits', 1n))
      .to.be.revertedWithCustomError(world.settler, 'Expired')
      .withArgs(lastSecond)
  })

  it('is about wei of the total alone', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await challenge(world, posted, 'debits', TOTAL_WEI - 1n)
    await expect(challenge(world, posted, 'debits', TOTAL_WEI))
      .to.be.revertedWithCustomError(world.settler, 'BeyondTotal')
      .withArgs(TOTAL_WEI, TOTAL_WEI)
  })

  it('asks the same question once at a time, and each side has its own', async () => {
    const { world, posted } = await challenged()
    await expect(challenge(world, posted, 'debits', 0n))
      .to.be.revertedWithCustomError(world.settler, 'AlreadyChallenged')
      .withArgs(posted.epochId, sides.debits, 0n)
    await challenge(world, posted, 'credits', 0n)
    expect((await world.settler.epochOf(posted.epochId)).openChallenges).to.equal(2n)
  })

  it('needs an epoch that was posted', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    await expect(
      world.settler.challengeLeaf({ ...posted.header, totalWei: 2n ** 90n }, 0, 0n),
    ).to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
  })
})

describe('EpochSettler: answers', () => {
  for (const side of ['debits', 'credits'] as const) {
    it(`with every leaf of the ${side} close the challenge and pay the coordinator`, async () => {
      const world = await loadEpochWorld()
      const posted = await post(world)
      for (const [index, fromWei] of posted.data[side].fromWei.entries()) {
        const lastWei = fromWei + posted.data[side].leaves[index].amountWei - 1n
        await challenge(world, posted, side, fromWei)
        await challenge(world, posted, side, lastWei)
        await answer(world, posted, side, fromWei)
        await answer(world, posted, side, lastWei)
      }
      expect((await world.settler.epochOf(posted.epochId)).openChallenges).to.equal(0n)
      expect(await world.settler.owedOf(world.owner.address)).to.equal(12n * DEPOSIT_WEI)
      await expectConserved(world, HELD_WEI)
      await time.increase(challengeWindowSeconds + answerWindowSeconds)
      await applyAll(world, posted)
      await expectConserved(world)
    })
  }

  it('of a tree with one leaf have no path', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world, [leaf(1, 1, 10)])
    await challenge(world, posted, 'debits', DUCK)
    await answer(world, posted, 'debits', DUCK)
    await expectConserved(world, 60n * DUCK)
  })

  it('count in the last second and not later', async () => {
    const { world, posted, answerBy } = await challenged()
    const given = await answerOf(world, posted, 'debits', 0n)
    await at(answerBy + 1n)
    await expect(world.settler.answerLeaf(posted.header, 0, 0n, given))
      .to.be.revertedWithCustomError(world.settler, 'Expired')
      .withArgs(answerBy)
    const other = await challenged()
    await at(other.answerBy)
    await answer(other.world, other.posted, 'debits', 0n)
  })

  it('need a question', async () => {
    const { world, posted } = await challenged()
    await expect(answer(world, posted, 'debits', 1n))
      .to.be.revertedWithCustomError(world.settler, 'NotChallenged')
      .withArgs(posted.epochId, 0, 1n)
    await answer(world, posted, 'debits', 0n)
    await expect(answer(world, posted, 'debits', 0n)).to.be.revertedWithCustomError(
      world.settler,
      'NotChallenged',
    )
  })

  it('show the leaf at the wei that was asked for', async () => {
    const { world, posted } = await challenged(10n * DUCK)
    const given = await answerOf(world, posted, 'debits', 0n)
    await expect(world.settler.answerLeaf(posted.header, 0, 10n * DUCK, given))
      .to.be.revertedWithCustomError(world.settler, 'WrongLeaf')
      .withArgs(10n * DUCK, 0n, 10n * DUCK)
  })

  it('show a leaf of the tree of that side', async () => {
    const { world, posted } = await challenged()
    const given = await answerOf(world, posted, 'debits', 0n)
    for (const change of [{ amountWei: 11n * DUCK }, { purseId: 2 }, { providerId: 2 }, { path: [] }]) {
      await expect(
        world.settler.answerLeaf(posted.header, 0, 0n, { ...given, leaf: { ...given.leaf, ...change } }),
      )
        .to.be.revertedWithCustomError(world.settler, 'BadLeaf')
        .withArgs(sides.debits)
    }
  })

  it('show the same leaf on the other side', async () => {
    const { world, posted } = await challenged()
    const given = await answerOf(world, posted, 'debits', 0n)
    const { path: mirrorPath } = proofOf(posted, 'credits', 1)
    await expect(world.settler.answerLeaf(posted.header, 0, 0n, { ...given, mirrorPath }))
      .to.be.revertedWithCustomError(world.settler, 'BadLeaf')
      .withArgs(sides.credits)
  })

  it('show a voucher that covers the leaf, exactly or with more', async () => {
    const { world, posted } = await challenged()
    const given = await answerOf(world, posted, 'debits', 0n)
    const small = { ...given, maxWei: given.maxWei - 1n }
    await expect(world.settler.answerLeaf(posted.header, 0, 0n, small))
      .to.be.revertedWithCustomError(world.settler, 'VoucherTooSmall')
      .withArgs(given.maxWei - 1n, given.maxWei)
    const larger = { ...given, maxWei: given.maxWei + 1n }
    await expect(world.settler.answerLeaf(posted.header, 0, 0n, larger))
      .to.be.revertedWithCustomError(world.settler, 'BadSignature')
      .withArgs(world.purseKeys[0].address)
  })

  const wrongVouchers: [string, object][] = [
    ['another key', { signer: new Wallet(`0x${'11'.repeat(32)}`) }],
    ['another serial', { serial: 2 }],
    ['another coordinator', { coordinatorId: 2 }],
  ]
  for (const [what, terms] of wrongVouchers) {
    it(`do not count with a voucher of ${what}`, async () => {
      const { world, posted } = await challenged()
      const given = await answerOf(world, posted, 'debits', 0n, terms)
      await expect(world.settler.answerLeaf(posted.header, 0, 0n, given))
        .to.be.revertedWithCustomError(world.settler, 'BadSignature')
        .withArgs(world.purseKeys[0].address)
    })
  }

  it('do not count with the malleable twin of a signature', async () => {
    const { world, posted } = await challenged()
    const given = await answerOf(world, posted, 'debits', 0n)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const s = (order - BigInt(`0x${given.voucherSig.slice(66, 130)}`)).toString(16).padStart(64, '0')
    const v = given.voucherSig.endsWith('1b') ? '1c' : '1b'
    const voucherSig = `${given.voucherSig.slice(0, 66)}${s}${v}`
    await expect(
      world.settler.answerLeaf(posted.header, 0, 0n, { ...given, voucherSig }),
    ).to.be.revertedWithCustomError(world.settler, 'BadSignature')
  })
})

describe('EpochSettler: unanswered challenges', () => {
  it('revert the epoch after the answer window: half of the bond is burned, half rewards the challenger', async () => {
    const { world, posted, answerBy } = await challenged()
    const { settler, token, challenger } = world
    await at(answerBy)
    await expect(settler.revertEpoch(posted.header, 0, 0n))
      .to.be.revertedWithCustomError(settler, 'TooEarly')
      .withArgs(answerBy)
    await at(answerBy + 1n)
    const supply = await token.totalSupply()
    await expect(connect(settler, world.stranger).revertEpoch(posted.header, 0, 0n))
      .to.emit(settler, 'EpochReverted')
      .withArgs(posted.epochId, COORDINATOR, challenger.address, TOTAL_WEI / 2n, TOTAL_WEI / 2n)
    expect(supply - (await token.totalSupply())).to.equal(TOTAL_WEI / 2n)
    expect(await settler.owedOf(challenger.address)).to.equal(TOTAL_WEI / 2n + DEPOSIT_WEI)
    await expectConserved(world, TOTAL_WEI)
    const before = await token.balanceOf(challenger.address)
    await connect(settler, challenger).withdrawOwed(challenger.address)
    expect((await token.balanceOf(challenger.address)) - before).to.equal(TOTAL_WEI / 2n + DEPOSIT_WEI)
    await refundAll(world, posted)
    await expectConserved(world)
  })

  it('need to be open', async () => {
    const { world, posted, answerBy } = await challenged()
    await at(answerBy + 1n)
    await expect(world.settler.revertEpoch(posted.header, 0, 1n)).to.be.revertedWithCustomError(
      world.settler,
      'NotChallenged',
    )
  })

  it('give the deposits of the other challengers back', async () => {
    const { world, posted } = await challenged()
    const { settler, token, stranger } = world
    await token.transfer(stranger.address, DEPOSIT_WEI)
    await connect(token, stranger).approve(world.settlerAddress, DEPOSIT_WEI)
    await challenge(world, posted, 'credits', 5n, stranger)
    await expect(settler.dropChallenge(posted.header, 1, 5n))
      .to.be.revertedWithCustomError(settler, 'BadEpochStatus')
      .withArgs(posted.epochId, EpochStatus.posted)
    await time.increase(answerWindowSeconds + 1)
    await settler.revertEpoch(posted.header, 0, 0n)
    await settler.dropChallenge(posted.header, 1, 5n)
    expect(await settler.owedOf(stranger.address)).to.equal(DEPOSIT_WEI)
    await expect(settler.dropChallenge(posted.header, 1, 5n)).to.be.revertedWithCustomError(
      settler,
      'NotChallenged',
    )
    await expectConserved(world, TOTAL_WEI)
    await refundAll(world, posted)
    await expectConserved(world)
  })

  it('cannot be answered after the epoch was reverted for another one', async () => {
    const { world, posted } = await challenged()
    await challenge(world, posted, 'debits', 1n)
    await time.increase(answerWindowSeconds + 1)
    await world.settler.revertEpoch(posted.header, 0, 0n)
    await expect(answer(world, posted, 'debits', 1n))
      .to.be.revertedWithCustomError(world.settler, 'BadEpochStatus')
      .withArgs(posted.epochId, EpochStatus.reverted)
  })

  it('never let the epoch through', async () => {
    const { world, posted } = await challenged()
    await afterWindow(posted)
    await time.increase(30 * 86_400)
    await expect(applyAll(world, posted)).to.be.revertedWithCustomError(world.settler, 'ChallengesOpen')
    expect(await statusOf(world, posted)).to.equal(EpochStatus.posted)
  })
})
