import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  at,
  BOND_WEI,
  connect,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import {
  anchor,
  anchorArguments,
  commitSeat,
  HONEST,
  open,
  redundantOrder,
  roundOf,
  signAssignment,
  signSeat,
  WRONG,
} from '../support/redundant.ts'

async function prepared(outputs = [HONEST, HONEST, HONEST]) {
  const world = await loadWorld()
  const order = await redundantOrder(world)
  const round = roundOf(world, order, outputs)
  return { world, mesh: world.mesh, order, round, jobId: round.jobId }
}

describe('When nobody anchors', () => {
  it('seats commit one by one, and the last one anchors the job', async () => {
    const { world, mesh, round, jobId } = await prepared()
    const start = (await time.latest()) + 3
    await at(start)
    await expect(commitSeat(world, round, 1))
      .to.emit(mesh, 'SeatCommitted')
      .withArgs(jobId, 0, 2, round.commitments[1])
    const job = await mesh.jobOf(jobId)
    expect([job.status, job.round, job.getValue('at')]).to.deep.equal([Status.committing, 0n, BigInt(start)])
    expect(await mesh.seatCommitmentOf(jobId, 2)).to.equal(round.commitments[1])
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })

    await commitSeat(world, round, 0)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 2n * BOND_WEI })
    await expect(commitSeat(world, round, 2))
      .to.emit(mesh, 'SeatsAnchored')
      .withArgs(jobId, 0, round.ids, round.commitments)
    for (const id of round.ids) expect(await mesh.seatCommitmentOf(jobId, id)).to.equal(ZERO_HASH)
    await open(world, round)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })

  it('the rest can still be anchored by signatures', async () => {
    const { world, mesh, round } = await prepared()
    await commitSeat(world, round, 2)
    await expect(anchor(world, round))
      .to.emit(mesh, 'SeatsAnchored')
      .withArgs(round.jobId, 0, round.ids, round.commitments)
    expect(await mesh.seatCommitmentOf(round.jobId, 3)).to.equal(ZERO_HASH)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 3n * BOND_WEI })
    await open(world, round)
    await expectConserved(world)
  })

  it('a seat cannot have signed one thing and committed another', async () => {
    const { world, mesh, round } = await prepared()
    await commitSeat(world, { ...round, commitments: [ethers.id('other'), '', ''] }, 0)
    await expect(anchor(world, round)).to.be.revertedWithCustomError(mesh, 'CommitmentMismatch').withArgs(1)
  })

  it('only owner and key of a seat commit for it, once, and not to zero', async () => {
    const { world, mesh, round } = await prepared()
    const { key } = world.provider(1)
    await expect(commitSeat(world, round, 0, 2))
      .to.be.revertedWithCustomError(mesh, 'NotProvider')
      .withArgs(1, key.address)
    await expect(commitSeat(world, { ...round, ids: [4], commitments: [round.commitments[0] ?? ''] }, 0))
      .to.be.revertedWithCustomError(mesh, 'NotSeated')
      .withArgs(4)
    await expect(commitSeat(world, { ...round, commitments: [ZERO_HASH] }, 0))
      .to.be.revertedWithCustomError(mesh, 'ZeroCommitment')
      .withArgs(1)
    await commitSeat(world, round, 0)
    await expect(commitSeat(world, round, 0))
      .to.be.revertedWithCustomError(mesh, 'AlreadyCommitted')
      .withArgs(1)
  })

  it('the order and the assignment must be signed for the first seat', async () => {
    const { world, mesh, round } = await prepared()
    const { key } = world.provider(0)
    const { order, assignment, commitments } = round
    const orderSig = await world.signOrder(order)
    const assignmentSig = await signAssignment(world, assignment)
    const seatSig = await signSeat(world, round, 0)
    const commit = (orderProof: string, assignmentProof: string) =>
      connect(mesh, key).commitSeat(
        order,
        orderProof,
        assignment,
        assignmentProof,
        1,
        commitments[0],
        seatSig,
      )
    await expect(commit('0x', assignmentSig))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.requester.address)
    await expect(commit(orderSig, '0x'))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.coordinator.address)
    await commit(orderSig, assignmentSig)
  })

  it('the commitment must be signed by the key of the seat, also when its owner sends it', async () => {
    const { world, mesh, round } = await prepared()
    const { key, owner } = world.provider(0)
    const { order, assignment, commitments } = round
    const orderSig = await world.signOrder(order)
    const assignmentSig = await signAssignment(world, assignment)
    const commit = (seatSig: string) =>
      connect(mesh, owner).commitSeat(order, orderSig, assignment, assignmentSig, 1, commitments[0], seatSig)
    const other = { ...round, commitments: [ethers.id('another commitment')] }
    for (const seatSig of [
      '0x',
      await signSeat(world, round, 0, owner),
      await signSeat(world, other, 0),
      await signSeat(world, { ...round, assignment: { ...assignment, seed: ethers.id('seed 2') } }, 0),
    ]) {
      await expect(commit(seatSig)).to.be.revertedWithCustomError(mesh, 'BadSignature').withArgs(key.address)
    }
    await commit(await signSeat(world, round, 0))
  })

  it('a second assignment for the same round is refused', async () => {
    const { world, mesh, round, order } = await prepared()
    await commitSeat(world, round, 0)
    const other = roundOf(world, order, [HONEST, HONEST, HONEST], { ids: [1, 2, 4] })
    await expect(commitSeat(world, other, 1))
      .to.be.revertedWithCustomError(mesh, 'AssignmentMismatch')
      .withArgs(round.jobId)
    await expect(mesh.anchorSeats(...(await anchorArguments(world, other)))).to.be.revertedWithCustomError(
      mesh,
      'AssignmentMismatch',
    )
    await at(order.acceptBy + 1)
    await expect(mesh.sealSeats(order, other.assignment)).to.be.revertedWithCustomError(
      mesh,
      'AssignmentMismatch',
    )
  })

  it('seats commit up to acceptBy, then anybody seals the round', async () => {
    const { world, mesh, round, order } = await prepared()
    await commitSeat(world, round, 0)
    await at(order.acceptBy)
    await commitSeat(world, round, 1)
    const { key } = world.provider(2)
    const args = [
      order,
      '0x',
      round.assignment,
      '0x',
      3,
      round.commitments[2],
      await signSeat(world, round, 2),
    ]
    await at(order.acceptBy + 1)
    await expect(connect(mesh, key).commitSeat(...args))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(order.acceptBy)
    await expect(connect(mesh, world.stranger).sealSeats(order, round.assignment))
      .to.emit(mesh, 'SeatsAnchored')
      .withArgs(round.jobId, 0, round.ids, [round.commitments[0], round.commitments[1], ZERO_HASH])
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: 2n * BOND_WEI })
  })

  it('a round is not sealed before its deadline passed, nor when none was begun', async () => {
    const { world, mesh, round, order } = await prepared()
    await expect(mesh.sealSeats(order, round.assignment))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(round.jobId, Status.none)
    await commitSeat(world, round, 0)
    await at(order.acceptBy)
    await expect(mesh.sealSeats(order, round.assignment))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(order.acceptBy)
  })

  it('a seat that never committed loses nothing, earns nothing, and counts as assigned', async () => {
    const { world, mesh, round, order } = await prepared()
    await commitSeat(world, round, 0)
    await commitSeat(world, round, 2)
    await at(order.acceptBy + 1)
    await mesh.sealSeats(order, round.assignment)
    const sealed = {
      ...round,
      commitments: [round.commitments[0] ?? '', ZERO_HASH, round.commitments[2] ?? ''],
    }
    await expect(open(world, sealed, [0, 1, 2]))
      .to.be.revertedWithCustomError(mesh, 'BadOpening')
      .withArgs(2)
    await expect(open(world, sealed, [0, 2]))
      .to.emit(mesh, 'RedundantClosed')
      .withArgs(round.jobId, 0, HONEST, 0b101)
    expect((await mesh.providerOf(2)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })

  it('one committed seat of three is no majority', async () => {
    const { world, mesh, round, order } = await prepared()
    await commitSeat(world, round, 0)
    await at(order.acceptBy + 1)
    await mesh.sealSeats(order, round.assignment)
    const sealed = { ...round, commitments: [round.commitments[0] ?? '', ZERO_HASH, ZERO_HASH] }
    await open(world, sealed, [0])
    expect((await mesh.jobOf(round.jobId)).status).to.equal(Status.reseating)
    await expectConserved(world, { escrowWei: PRICE_WEI })
  })

  it('also serves the second round, whose deadline does not move with the commits', async () => {
    const { world, mesh, order } = await prepared()
    const first = roundOf(world, order, [HONEST, WRONG, ethers.id('third')])
    await anchor(world, first)
    await open(world, first)
    const seatBy = (await time.latest()) + 2 * EXEC_WINDOW
    const second = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 1, ids: [4, 5, 6] })
    await time.increase(EXEC_WINDOW)
    await commitSeat(world, second, 0)
    await commitSeat(world, second, 1)
    await at(seatBy)
    await expect(mesh.sealSeats(order, second.assignment))
      .to.be.revertedWithCustomError(mesh, 'TooEarly')
      .withArgs(seatBy)
    await at(seatBy + 1)
    await mesh.sealSeats(order, second.assignment)
    const commitments = [second.commitments[0] ?? '', second.commitments[1] ?? '', ZERO_HASH]
    await open(world, { ...second, commitments }, [0, 1])
    expect((await mesh.jobOf(second.jobId)).status).to.equal(Status.paid)
    await expectConserved(world)
  })
})

describe('The tag of a job being committed', () => {
  it('is the high part of the assignment hash', async () => {
    const { world, mesh, round } = await prepared()
    await commitSeat(world, round, 0)
    const harness = await ethers.deployContract('HashHarness')
    const hash: string = await harness.getFunction('hashAssignment')(round.assignment)
    expect((await mesh.jobOf(round.jobId)).tag).to.equal(BigInt(hash) >> 56n)
  })
})
