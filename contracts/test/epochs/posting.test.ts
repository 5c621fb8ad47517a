import { expect } from 'chai'
import { buildEpoch } from '../../../protocol/src/epochs/epoch.ts'
import { packTotals } from '../../../protocol/src/epochs/totals.ts'
import {
  COORDINATOR,
  COORDINATOR_BOND_WEI,
  EPOCH_PARAMS,
  EpochStatus,
  expectConserved,
  FEE_BPS,
  LEAVES,
  leaf,
  loadEpochWorld,
  noteOf,
  PURSE_WEI,
  post,
  purseWei,
  sendEpoch,
  statusOf,
} from '../support/epochs.ts'
import { at, connect, DUCK, ethers, time } from '../support/mesh.ts'

const TOTAL_WEI = 60n * DUCK
const EPOCH = buildEpoch(LEAVES)

describe('EpochSettler: posting', () => {
  it('takes every debit from its purse at once and puts the bond at stake', async () => {
    const world = await loadEpochWorld()
    const posted = await post(world)
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI - 15n * DUCK)
    expect(await purseWei(world, 2)).to.equal(PURSE_WEI - 21n * DUCK)
    expect(await purseWei(world, 3)).to.equal(PURSE_WEI - 24n * DUCK)
    expect(await purseWei(world, 4)).to.equal(PURSE_WEI)
    const { freeBondWei, nextSerial } = await world.settler.coordinatorOf(COORDINATOR)
    expect(freeBondWei).to.equal(COORDINATOR_BOND_WEI - TOTAL_WEI)
    expect(nextSerial).to.equal(2n)
    const { challengeWindowSeconds } = EPOCH_PARAMS
    expect((await world.settler.epochOf(posted.epochId)).toObject()).to.deep.equal({
      status: EpochStatus.posted,
      provableUntil: posted.header.postedAt + BigInt(challengeWindowSeconds),
      openChallenges: 0n,
      cursor: 0n,
    })
    await expectConserved(world, 2n * TOTAL_WEI)
  })

  it('shows header and totals in the event, and the id is the hash of the header', async () => {
    const world = await loadEpochWorld()
    const { epochId, header } = await post(world)
    expect(header).to.deep.include({
      coordinatorId: 1n,
      serial: 1n,
      jobs: 100n,
      feeBps: FEE_BPS,
      totalWei: TOTAL_WEI,
      bondWei: TOTAL_WEI,
      debitsHash: ethers.keccak256(EPOCH.debits.packed),
      creditsHash: ethers.keccak256(EPOCH.credits.packed),
    })
    const types = [
      'uint32',
      'uint32',
      'uint32',
      'uint16',
      'uint40',
      'uint96',
      'uint96',
      ...Array(4).fill('bytes32'),
    ]
    const encoded = ethers.AbiCoder.defaultAbiCoder().encode(types, Object.values(header))
    expect(epochId).to.equal(ethers.keccak256(encoded))
    const [event] = await world.settler.queryFilter('EpochPosted')
    const { args } = world.settler.interface.parseLog(event) ?? {}
    expect(args?.debits).to.equal(EPOCH.debits.packed)
    expect(args?.credits).to.equal(EPOCH.credits.packed)
  })

  it('puts the least bond at stake for a small epoch', async () => {
    const world = await loadEpochWorld()
    const { header } = await post(world, [leaf(1, 1, 1)])
    expect(header.bondWei).to.equal(EPOCH_PARAMS.minEpochBondWei)
  })

  it('leaves later epochs open while earlier ones are on trial', async () => {
    const world = await loadEpochWorld()
    const first = await post(world)
    const second = await post(world, LEAVES, { serial: 2 })
    expect(await statusOf(world, first)).to.equal(EpochStatus.posted)
    expect(await statusOf(world, second)).to.equal(EpochStatus.posted)
    await expectConserved(world, 4n * TOTAL_WEI)
  })

  it('lets the key alone post, not the owner', async () => {
    const { settler, owner, poster } = await loadEpochWorld()
    const { debits, credits } = EPOCH
    const args = [COORDINATOR, 1, 1, debits.root, credits.root, debits.packed, credits.packed] as const
    await expect(connect(settler, owner).postEpoch(...args))
      .to.be.revertedWithCustomError(settler, 'NotAllowed')
      .withArgs(poster.address, owner.address)
  })

  for (const serial of [0, 2]) {
    it(`refuses serial ${serial} when 1 is next`, async () => {
      const world = await loadEpochWorld()
      await expect(sendEpoch(world, EPOCH, { serial }))
        .to.be.revertedWithCustomError(world.settler, 'BadSerial')
        .withArgs(COORDINATOR, serial, 1)
    })
  }

  it('refuses a serial a second time', async () => {
    const world = await loadEpochWorld()
    await post(world)
    await expect(sendEpoch(world, EPOCH)).to.be.revertedWithCustomError(world.settler, 'BadSerial')
  })

  it('refuses the header of an epoch that was reverted in the same second', async () => {
    const world = await loadEpochWorld()
    const { settler, poster, stranger } = world
    const { note, signature } = await noteOf(world, 1, 31n * DUCK)
    const { debits, credits } = EPOCH
    const args = [COORDINATOR, 1, 100, debits.root, credits.root, debits.packed, credits.packed] as const
    const postedAt = (await time.latest()) + 100
    // The header is known before it is posted, so all three calls fit one block.
    const header = {
      coordinatorId: COORDINATOR,
      serial: 1,
      jobs: 100,
      feeBps: FEE_BPS,
      postedAt,
      totalWei: TOTAL_WEI,
      bondWei: TOTAL_WEI,
      debitsRoot: debits.root,
      creditsRoot: credits.root,
      debitsHash: ethers.keccak256(debits.packed),
      creditsHash: ethers.keccak256(credits.packed),
    }
    await ethers.provider.send('evm_setAutomine', [false])
    const options = { gasLimit: 2_000_000 }
    const first = await connect(settler, poster).postEpoch(...args, { ...options, gasPrice: 30n * 10n ** 9n })
    const gasPrice = 20n * 10n ** 9n
    const proven = await connect(settler, stranger).proveUnderpaid(header, credits.packed, note, signature, {
      ...options,
      gasPrice,
    })
    const again = await connect(settler, poster).postEpoch(...args, { ...options, gasPrice: 10n * 10n ** 9n })
    await at(postedAt)
    await ethers.provider.send('evm_mine')
    await ethers.provider.send('evm_setAutomine', [true])
    const receipts = await Promise.all(
      [first, proven, again].map(({ hash }) => ethers.provider.getTransactionReceipt(hash)),
    )
    expect(receipts.map((receipt) => receipt?.status)).to.deep.equal([1, 1, 0])
  })

  it('refuses a debit one wei above its purse, and takes one that empties it', async () => {
    const world = await loadEpochWorld()
    const over = buildEpoch([{ purseId: 2, providerId: 1, amountWei: PURSE_WEI + 1n }])
    await expect(sendEpoch(world, over))
      .to.be.revertedWithCustomError(world.settler, 'InsufficientBalance')
      .withArgs(2, PURSE_WEI, PURSE_WEI + 1n)
    await post(world, [{ purseId: 2, providerId: 1, amountWei: PURSE_WEI }])
    expect(await purseWei(world, 2)).to.equal(0n)
    expect(await purseWei(world, 3)).to.equal(PURSE_WEI)
  })

  it('refuses a purse that does not exist', async () => {
    const world = await loadEpochWorld()
    await expect(sendEpoch(world, buildEpoch([leaf(5, 1, 1)])))
      .to.be.revertedWithCustomError(world.settler, 'InsufficientBalance')
      .withArgs(5, 0n, DUCK)
  })

  it('refuses a bad purse in the middle of a list as a whole', async () => {
    const world = await loadEpochWorld()
    const data = buildEpoch([leaf(1, 1, 1), leaf(2, 1, 101), leaf(3, 1, 1)])
    await expect(sendEpoch(world, data)).to.be.revertedWithCustomError(world.settler, 'InsufficientBalance')
    expect(await purseWei(world, 1)).to.equal(PURSE_WEI)
  })

  it('refuses an epoch whose bond the coordinator does not have', async () => {
    const world = await loadEpochWorld()
    const { settler, requester } = world
    await connect(settler, requester).reserve(COORDINATOR, 1, COORDINATOR_BOND_WEI)
    const amountWei = COORDINATOR_BOND_WEI + 1n
    await expect(sendEpoch(world, buildEpoch([{ purseId: 1, providerId: 1, amountWei }])))
      .to.be.revertedWithCustomError(settler, 'InsufficientBond')
      .withArgs(COORDINATOR, COORDINATOR_BOND_WEI, amountWei)
  })

  it('refuses sides with different sums, one wei either way', async () => {
    const world = await loadEpochWorld()
    for (const amountWei of [DUCK - 1n, DUCK + 1n]) {
      const credits = packTotals([{ id: 1, amountWei }])
      await expect(sendEpoch(world, buildEpoch([leaf(1, 1, 1)]), { credits }))
        .to.be.revertedWithCustomError(world.settler, 'SidesDiffer')
        .withArgs(DUCK, amountWei)
    }
  })

  it('refuses a fee above 100 %', async () => {
    const world = await loadEpochWorld()
    await world.terms.setFee(10_001)
    await expect(sendEpoch(world, EPOCH))
      .to.be.revertedWithCustomError(world.settler, 'BadFee')
      .withArgs(10_001)
  })

  const one = { id: 1, amountWei: DUCK }
  const two = { id: 2, amountWei: DUCK }
  const lists: [string, string, string, unknown[]][] = [
    ['an empty list', '0x', 'BadTotalsLength', [0]],
    ['half an item', packTotals([one]).slice(0, -16), 'BadTotalsLength', [8]],
    ['ids that descend', packTotals([two, one]), 'BadTotal', [1]],
    ['the same id twice', packTotals([one, one]), 'BadTotal', [1]],
    ['the id zero', packTotals([{ ...one, id: 0 }]), 'BadTotal', [0]],
    ['an amount of zero', packTotals([one, { id: 2, amountWei: 0n }]), 'BadTotal', [1]],
  ]
  for (const side of ['debits', 'credits'] as const) {
    for (const [what, list, error, args] of lists) {
      it(`refuses ${what} in the ${side}`, async () => {
        const world = await loadEpochWorld()
        await expect(sendEpoch(world, EPOCH, { [side]: list }))
          .to.be.revertedWithCustomError(world.settler, error)
          .withArgs(...args)
      })
    }
  }
})
