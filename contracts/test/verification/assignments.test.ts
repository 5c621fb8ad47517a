import { expect } from 'chai'
import { concat, dataSlice } from 'ethers'
import { changed, prepared, resigned, THREE } from '../support/anchoring.ts'
import { ethers, loadWorld } from '../support/mesh.ts'
import { anchorArguments, HONEST, redundantOrder, roundOf, signAssignment } from '../support/redundant.ts'
import { types as structs } from '../support/typedData.ts'

describe('Assignments', () => {
  it('must be signed by the coordinator that the order names', async () => {
    const { world, mesh, round, args } = await prepared()
    const forged = await signAssignment(world, round.assignment, world.requester)
    for (const signature of [forged, '0x', dataSlice(args[3], 0, 64)]) {
      await expect(mesh.anchorSeats(...changed(args, { 3: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(world.coordinator.address)
    }
  })

  it('cannot exist for an order without coordinator', async () => {
    const { mesh, args } = await prepared({ coordinator: ethers.ZeroAddress })
    for (const signature of [args[3], '0x']) {
      await expect(mesh.anchorSeats(...changed(args, { 3: signature })))
        .to.be.revertedWithCustomError(mesh, 'BadSignature')
        .withArgs(ethers.ZeroAddress)
    }
  })

  it('must be for this job and round', async () => {
    const { mesh, round, args } = await prepared()
    const otherJob = ethers.id('other job')
    await expect(mesh.anchorSeats(...changed(args, { 2: { ...round.assignment, jobId: otherJob } })))
      .to.be.revertedWithCustomError(mesh, 'WrongJob')
      .withArgs(otherJob, round.jobId)
    await expect(mesh.anchorSeats(...changed(args, { 2: { ...round.assignment, round: 1 } })))
      .to.be.revertedWithCustomError(mesh, 'WrongRound')
      .withArgs(1, 0)
  })

  it('must seat as many as the order says', async () => {
    const { world, mesh, round } = await prepared()
    for (const seats of [[], [1, 2], [1, 2, 3, 4, 5]]) {
      await expect(mesh.anchorSeats(...(await resigned(world, round, seats))))
        .to.be.revertedWithCustomError(mesh, 'BadSeatCount')
        .withArgs(seats.length, 3)
    }
  })

  it('must seat an odd number from 3 to 15', async () => {
    for (const count of [1, 4, 17]) {
      const ids = Array.from({ length: count }, (_, i) => (i % 7) + 1)
      const outputs = ids.map(() => HONEST)
      const { mesh, args } = await prepared({ seats: count }, ids, outputs)
      await expect(mesh.anchorSeats(...args))
        .to.be.revertedWithCustomError(mesh, 'BadSeatCount')
        .withArgs(count, count)
    }
  })

  it('must not seat a provider twice, whatever the position', async () => {
    const { world, mesh, round } = await prepared()
    for (const seats of [
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
    ]) {
      await expect(mesh.anchorSeats(...(await resigned(world, round, seats))))
        .to.be.revertedWithCustomError(mesh, 'DuplicateSeat')
        .withArgs(1)
    }
  })

  it('must not hold ids with dirty high bits, even signed', async () => {
    const world = await loadWorld()
    const coordinator = ethers.Wallet.createRandom()
    const order = await redundantOrder(world, { coordinator: coordinator.address })
    const round = roundOf(world, order, THREE)
    const [, orderSig, , , commitments, seatSigs] = await anchorArguments(world, round)
    const { mesh, domain } = world
    const dirtyId = (1n << 32n) | 1n
    const words = [dirtyId, 2n, 3n].map((word) => ethers.toBeHex(word, 32))
    const { seed, candidatesHash, issuedAt } = round.assignment
    const typeHash = ethers.id(
      ethers.TypedDataEncoder.from({ Assignment: structs.Assignment }).encodeType('Assignment'),
    )
    const structHash = ethers.keccak256(
      concat([
        typeHash,
        round.jobId,
        ethers.toBeHex(0, 32),
        ethers.keccak256(concat(words)),
        seed,
        candidatesHash,
        ethers.toBeHex(issuedAt, 32),
      ]),
    )
    const digest = ethers.keccak256(
      concat(['0x1901', ethers.TypedDataEncoder.hashDomain(domain), structHash]),
    )
    const signature = coordinator.signingKey.sign(digest).serialized
    const args = [order, orderSig, round.assignment, signature, commitments, seatSigs]
    const clean = words
      .map((word) => word.slice(2))
      .join('')
      .replace('0000000100000001', '0000000000000001')
    const data = mesh.interface.encodeFunctionData('anchorSeats', args)
    expect(data).to.include(clean)
    const dirty = data.replace(clean, words.map((word) => word.slice(2)).join(''))
    await expect(world.stranger.sendTransaction({ to: domain.verifyingContract, data: dirty }))
      .to.be.revertedWithCustomError(mesh, 'DirtyWord')
      .withArgs(dirtyId)
  })

  it('may seat different ids with the same low byte', async () => {
    const { world, mesh, round } = await prepared()
    await expect(mesh.anchorSeats(...(await resigned(world, round, [1, 257, 3]))))
      .to.be.revertedWithCustomError(mesh, 'ProviderInactive')
      .withArgs(257)
  })
})
