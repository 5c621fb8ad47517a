import { expect } from 'chai'
import { changed } from '../support/anchoring.ts'
import { auctionOrder, type Bid, settleAuction } from '../support/auctionLane.ts'
import { connect, ethers, loadWorld, PRICE_WEI } from '../support/mesh.ts'
import { anchorArguments, open, redundantOrder, roundOf, signAssignment } from '../support/redundant.ts'
import { AGREED, anchored, drawn } from './scenario.ts'

/** A transaction, the 100,000 that an ERC-1271 wallet may use, and what surrounds the check. */
const CHECK_GAS = 21_000n + 100_000n + 30_000n

/** The calldata of an anchor and the check. */
const ANCHOR_GAS = 100_000n + CHECK_GAS

describe('Attack: return-data bombs', () => {
  it('of a wallet that is asked for its signature cost a bounded amount of gas and no memory', async () => {
    const harness = await ethers.deployContract('SignatureHarness')
    const wallet = await ethers.deployContract('AttackWallet')
    for (const behaviour of [3, 4]) {
      await wallet.getFunction('setBehaviour')(behaviour)
      const sent = await harness.getFunction('check')(await wallet.getAddress(), ethers.id('digest'), '0x')
      await expect(sent).to.emit(harness, 'Checked').withArgs(false)
      expect((await sent.wait()).gasUsed).to.be.lessThan(CHECK_GAS)
    }
  })

  it('and endless loops of the requester only stop its own order, at a bounded price', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const wallet = await ethers.deployContract('AttackWallet')
    const requester = await wallet.getAddress()
    const order = await redundantOrder(world, { requester, priceWei: 0n })
    const args = await anchorArguments(world, roundOf(world, order, AGREED))
    for (const behaviour of [3, 4, 5, 6]) {
      await wallet.getFunction('setBehaviour')(behaviour)
      await expect(mesh.anchorSeats(...args, { gasLimit: 5_000_000 }))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(requester)
      const block = await ethers.provider.getBlock('latest')
      expect(block?.gasUsed).to.be.lessThan(ANCHOR_GAS)
    }
    await wallet.getFunction('setBehaviour')(0)
    await expect(mesh.anchorSeats(...args)).to.emit(mesh, 'SeatsAnchored')
  })
})

describe('Attack: unbounded arrays', () => {
  it('a thousand seats are refused before anything is read of them', async () => {
    const { world, mesh, round } = await drawn()
    const seats = Array.from({ length: 1_001 }, (_, i) => i + 1)
    const args = await anchorArguments(world, round)
    const assignment = { ...round.assignment, seats }
    const signature = await signAssignment(world, assignment)
    await expect(mesh.anchorSeats(...changed(args, { 2: assignment, 3: signature })))
      .to.be.revertedWithCustomError(mesh, 'BadSeatCount')
      .withArgs(1_001, 3)
  })

  it('more commitments, signatures, outputs or salts than seats are refused', async () => {
    const { world, mesh, round } = await drawn()
    const args = await anchorArguments(world, round)
    const many = Array(500).fill(ethers.id('x'))
    await expect(mesh.anchorSeats(...changed(args, { 4: many })))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(500, 3)
    await expect(mesh.anchorSeats(...changed(args, { 5: `0x${'11'.repeat(65 * 4)}` })))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(260, 195)
    await mesh.anchorSeats(...args)
    const { order, ids, commitments, outputs, salts } = round
    await expect(mesh.openSeats(order, ids, commitments, many, salts))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(500, 3)
    await expect(mesh.openSeats(order, ids, commitments, outputs, many))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(500, 3)
    await expect(mesh.openSeats(order, ids, many, outputs, salts)).to.be.revertedWithCustomError(
      mesh,
      'SeatsMismatch',
    )
  })

  it('a withdrawal costs the same however many jobs are open', async () => {
    const { world, mesh } = await anchored()
    const gasOf = async () => {
      const sent = await connect(mesh, world.requester).withdraw(1, world.requester.address)
      return (await sent.wait()).gasUsed as bigint
    }
    await gasOf()
    const before = await gasOf()
    for (let n = 0; n < 5; n++) {
      const round = roundOf(world, await redundantOrder(world, { priceWei: PRICE_WEI / 9n }), AGREED)
      await mesh.anchorSeats(...(await anchorArguments(world, round)))
      await open(world, round)
    }
    expect(await gasOf()).to.equal(before)
  })

  it('a long list of bids costs its sender the calldata and little more', async () => {
    const world = await loadWorld()
    const bids = Array.from({ length: 500 }, (_, i): Bid => [(i % 7) + 1, BigInt(1_000 - i)])
    const sent = await settleAuction(world, await auctionOrder(world), bids, ((bids.length - 1) % 7) + 1)
    const receipt = await sent.wait()
    expect(receipt.gasUsed / BigInt(bids.length)).to.be.lessThan(600n)
  })
})
