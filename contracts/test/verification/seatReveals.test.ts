import { expect } from 'chai'
import { concat, dataSlice } from 'ethers'
import { expectConserved } from '../support/conservation.ts'
import { connect, ethers, loadWorld, type World, ZERO_HASH } from '../support/mesh.ts'
import {
  HONEST,
  redundantOrder,
  revealSignatures,
  roundOf,
  settleSeatsArguments,
  signAssignment,
  type TestRound,
  WRONG,
} from '../support/redundant.ts'
import { agreed, replaced } from '../support/seatSettlement.ts'
import { commitmentOf, signStruct } from '../support/typedData.ts'

/** Settling is refused because the key of this seat did not sign that. */
async function expectUnsigned(world: World, args: unknown[], seat = 1): Promise<void> {
  await expect(world.mesh.settleSeats(...args))
    .to.be.revertedWithCustomError(world.mesh, 'BadSignature')
    .withArgs(world.provider(seat - 1).key.address)
}

/** The same round with the seats' signatures made for what `changes` says. */
async function signedFor(world: World, round: TestRound, changes: Partial<TestRound>): Promise<string> {
  return revealSignatures(world, { ...round, ...changes })
}

describe('Reveals of seats', () => {
  it('must be over the output that is settled', async () => {
    const { world, round, args } = await agreed()
    const reveals = await signedFor(world, round, { outputs: Array(3).fill(WRONG) })
    await expectUnsigned(world, replaced(args, { 6: reveals }))
    await expectUnsigned(world, replaced(args, { 4: WRONG }))
  })

  it('must be over the commitments of all seats', async () => {
    const { world, round, args } = await agreed()
    const commitments = [...round.commitments.slice(0, 2), ethers.id('another commitment')]
    await expectUnsigned(world, replaced(args, { 6: await signedFor(world, round, { commitments }) }))
  })

  it('must be over the seats in the order of the assignment', async () => {
    const { world, round, args } = await agreed()
    const ids = [2, 1, 3]
    const assignment = { ...round.assignment, seats: ids }
    const swapped = { ...args, 2: assignment, 3: await signAssignment(world, assignment) }
    await expectUnsigned(world, replaced(args, { 2: swapped[2], 3: swapped[3] }), 2)
  })

  it('must be for this assignment, not for an older one of the same job', async () => {
    const { world, round, args } = await agreed()
    const older = { ...round.assignment, issuedAt: round.assignment.issuedAt - 1 }
    await expectUnsigned(world, replaced(args, { 6: await signedFor(world, round, { assignment: older }) }))
    await expectUnsigned(world, replaced(args, { 2: older, 3: await signAssignment(world, older) }))
  })

  it('must open with the salts of the commitments', async () => {
    const { world, round, args } = await agreed()
    const salts = [...round.salts.slice(0, 2), ethers.id('another salt')]
    await expectUnsigned(world, replaced(args, { 5: salts }))
  })

  it('must stand in seat order', async () => {
    const { world, args } = await agreed()
    const [, , , , , , reveals] = args
    const swapped = concat([dataSlice(reveals, 65, 130), dataSlice(reveals, 0, 65), dataSlice(reveals, 130)])
    await expectUnsigned(world, replaced(args, { 6: swapped }))
  })

  it('of one key do not serve another seat', async () => {
    const { world, args } = await agreed()
    const first = dataSlice(args[6], 0, 65)
    await expectUnsigned(world, replaced(args, { 6: concat([first, first, first]) }), 2)
  })

  it('are for the signing key, not for the owner', async () => {
    const { world, round, args } = await agreed()
    const owners = {
      ...world,
      provider: (index: number) => ({ ...world.provider(index), key: world.provider(index).owner }),
    }
    await expectUnsigned(world, replaced(args, { 6: await revealSignatures(owners, round) }))
  })

  it('are refused with the malleable twin of a signature', async () => {
    const { world, args } = await agreed()
    const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const { r, s, v } = ethers.Signature.from(dataSlice(args[6], 0, 65))
    const twin = concat([r, ethers.toBeHex(curveOrder - BigInt(s), 32), v === 27 ? '0x1c' : '0x1b'])
    await expectUnsigned(world, replaced(args, { 6: concat([twin, dataSlice(args[6], 65)]) }))
  })

  it('end with the key that signed them', async () => {
    const { world, mesh, args } = await agreed()
    const rotation = { providerId: 3, newKey: world.stranger.address, keyEpoch: 1 }
    const proof = await signStruct(world.stranger, world.domain, 'KeyRotation', rotation)
    await connect(mesh, world.provider(2).owner).rotateKey(3, world.stranger.address, proof)
    await expect(mesh.settleSeats(...args))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(world.stranger.address)
  })

  it('of another deployment or chain are refused', async () => {
    const { world, round, args } = await agreed()
    for (const change of [
      { chainId: world.domain.chainId + 1n },
      { verifyingContract: world.stranger.address },
    ]) {
      const elsewhere = { ...world, domain: { ...world.domain, ...change } }
      await expectUnsigned(world, replaced(args, { 6: await revealSignatures(elsewhere, round) }))
    }
  })

  it('must be as many as the seats, and so must the salts', async () => {
    const { mesh, round, args } = await agreed()
    await expect(mesh.settleSeats(...replaced(args, { 5: round.salts.slice(1) })))
      .to.be.revertedWithCustomError(mesh, 'BadLength')
      .withArgs(2, 3)
    for (const reveals of [dataSlice(args[6], 1), concat([args[6], '0x00'])]) {
      await expect(mesh.settleSeats(...replaced(args, { 6: reveals })))
        .to.be.revertedWithCustomError(mesh, 'BadLength')
        .withArgs((reveals.length - 2) / 2, 195)
    }
  })

  it('cannot be of no output', async () => {
    const { mesh, args } = await agreed()
    await expect(mesh.settleSeats(...replaced(args, { 4: ZERO_HASH }))).to.be.revertedWithCustomError(
      mesh,
      'ZeroOutput',
    )
  })
})

describe('A seat that committed before it computed', () => {
  it('finds no honest reveal over a commitment that it could open now', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const order = await redundantOrder(world)
    const honest = roundOf(world, order, [HONEST, HONEST, HONEST])
    // Seat 3 promised anything; the honest seats signed for that promise, then it saw their output.
    const promised = { ...honest, commitments: [...honest.commitments.slice(0, 2), ethers.id('anything')] }
    const theirs = await revealSignatures(world, promised)
    const salt = ethers.id('a salt found afterwards')
    const late = {
      ...honest,
      salts: [...honest.salts.slice(0, 2), salt],
      commitments: [...honest.commitments.slice(0, 2), commitmentOf(honest.jobId, 0, 3, HONEST, salt)],
    }
    const own = await revealSignatures(world, late)
    const reveals = concat([dataSlice(theirs, 0, 130), dataSlice(own, 130)])
    const args = await settleSeatsArguments(world, late)
    await expectUnsigned(world, replaced(args, { 6: reveals }))
    await expectUnsigned(world, replaced(args, { 6: theirs }))
    expect(await mesh.nonceUsed(order.requester, order.nonce)).to.equal(false)
    await expectConserved(world)
  })
})

describe('Order and assignment of seats that agree', () => {
  it('must be signed by the requester', async () => {
    const { world, mesh, order, args } = await agreed()
    for (const signature of [await world.signOrder(order, world.stranger), '0x']) {
      await expect(mesh.settleSeats(...replaced(args, { 1: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.requester.address)
    }
  })

  it('must belong together: an altered order is another job', async () => {
    const { world, mesh, order, round, args } = await agreed()
    const altered = { ...order, priceWei: order.priceWei + 1n }
    await expect(mesh.settleSeats(...replaced(args, { 0: altered })))
      .to.be.revertedWithCustomError(mesh, 'WrongJob')
      .withArgs(round.jobId, world.jobIdOf(altered))
  })

  it('must be signed by the coordinator of the order, as it is', async () => {
    const { world, mesh, round, args } = await agreed()
    const forged = [
      { 3: await signAssignment(world, round.assignment, world.stranger) },
      { 3: '0x' },
      { 2: { ...round.assignment, seed: ethers.id('another seed') } },
      { 2: { ...round.assignment, seats: [1, 2, 4] } },
    ]
    for (const changes of forged) {
      await expect(mesh.settleSeats(...replaced(args, changes)))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.coordinator.address)
    }
  })

  it('needs a coordinator: nobody signs for the zero address', async () => {
    const { mesh, args } = await agreed({ coordinator: ethers.ZeroAddress })
    for (const signature of ['0x', `0x${'00'.repeat(65)}`]) {
      await expect(mesh.settleSeats(...replaced(args, { 3: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(ethers.ZeroAddress)
    }
  })

  for (const round of [1, 2]) {
    it(`refuses an assignment of round ${round}`, async () => {
      const { world, mesh, order } = await agreed()
      const later = roundOf(world, order, Array(3).fill(HONEST), { round })
      await expect(mesh.settleSeats(...(await settleSeatsArguments(world, later))))
        .to.be.revertedWithCustomError(mesh, 'WrongRound')
        .withArgs(round, 0)
    })
  }

  it('serves redundant mode without a named provider only', async () => {
    const signed = await agreed({ mode: 0, seats: 3 })
    await expect(signed.mesh.settleSeats(...signed.args))
      .to.be.revertedWithCustomError(signed.mesh, 'UnsupportedMode')
      .withArgs(0)
    const directed = await agreed({ providerId: 1 })
    await expect(directed.mesh.settleSeats(...directed.args))
      .to.be.revertedWithCustomError(directed.mesh, 'WrongProvider')
      .withArgs(0, 1)
  })

  it('seats each provider once, and as many as the order says', async () => {
    const twice = await agreed({}, [1, 2, 1])
    await expect(twice.mesh.settleSeats(...twice.args))
      .to.be.revertedWithCustomError(twice.mesh, 'DuplicateSeat')
      .withArgs(1)
    const { world, mesh, order } = await agreed()
    const five = roundOf(world, order, Array(5).fill(HONEST))
    await expect(mesh.settleSeats(...(await settleSeatsArguments(world, five))))
      .to.be.revertedWithCustomError(mesh, 'BadSeatCount')
      .withArgs(5, 3)
  })

  for (const seats of [1, 2, 4, 17]) {
    it(`refuses an order of ${seats} seats`, async () => {
      const world = await loadWorld()
      const order = await redundantOrder(world, { seats })
      const ids = Array.from({ length: seats }, (_, i) => i + 1)
      const round = roundOf(world, order, Array(seats).fill(HONEST), { ids })
      const assignmentSig = await signAssignment(world, round.assignment)
      const orderSig = await world.signOrder(order)
      await expect(
        world.mesh.settleSeats(order, orderSig, round.assignment, assignmentSig, HONEST, round.salts, '0x'),
      )
        .to.be.revertedWithCustomError(world.mesh, 'BadSeatCount')
        .withArgs(seats, seats)
    })
  }
})
