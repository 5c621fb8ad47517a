import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  connect,
  DEPOSIT_WEI,
  ethers,
  loadWorld,
  PARAMS,
  STAKE_WEI,
  time,
  type World,
} from '../support/mesh.ts'
import {
  assignmentHashOf,
  commitSeat,
  HONEST,
  redundantOrder,
  roundOf,
  settleSeats,
} from '../support/redundant.ts'
import { accepted } from '../support/signedLane.ts'
import { type Assignment, type Order, signStruct } from '../support/typedData.ts'

/** The slashed bond is the minimum stake. */
const SLASH_WEI = PARAMS.minStakeWei
const EQUIVOCATION = 6

interface SeatCommit {
  assignmentHash: string
  providerId: number
  commitment: string
}

type Proof = [Order, Assignment, SeatCommit, string, SeatCommit, string]

/** Two commitments of provider 1 for its seat; `changes` go into the second. */
async function proofOf(
  world: World,
  changes: Partial<SeatCommit> = {},
  keys = [world.provider(0).key, world.provider(0).key] as const,
): Promise<Proof> {
  const order = await redundantOrder(world)
  const round = roundOf(world, order, [HONEST, HONEST, HONEST])
  const first = {
    assignmentHash: assignmentHashOf(round),
    providerId: 1,
    commitment: round.commitments[0] ?? '',
  }
  const second = { ...first, commitment: ethers.id('another commitment'), ...changes }
  const sign = (key: (typeof keys)[0], commit: SeatCommit) =>
    signStruct(key, world.domain, 'SeatCommit', commit)
  return [order, round.assignment, first, await sign(keys[0], first), second, await sign(keys[1], second)]
}

function prove(world: World, proof: Proof) {
  return connect(world.mesh, world.stranger).proveSeatEquivocation(...proof)
}

describe('Two commitments signed for one seat', () => {
  it('cost a bond: half burned, a quarter each to reporter and requester', async () => {
    const world = await loadWorld()
    const { mesh, token, stranger, requester } = world
    const proof = await proofOf(world)
    const jobId = world.jobIdOf(proof[0])
    const supplyWei = await token.totalSupply()
    await expect(prove(world, proof))
      .to.emit(mesh, 'EquivocationProven')
      .withArgs(jobId, 1, stranger.address, SLASH_WEI)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, EQUIVOCATION, SLASH_WEI / 4n, SLASH_WEI / 4n, SLASH_WEI / 2n)
      .and.to.emit(mesh, 'KeyBurnt')
      .withArgs(1, world.provider(0).key.address)
    expect(await token.totalSupply()).to.equal(supplyWei - SLASH_WEI / 2n)
    expect(await world.freeOf(stranger)).to.equal(SLASH_WEI / 4n)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + SLASH_WEI / 4n)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - SLASH_WEI)
    await expectConserved(world)
  })

  it('burn the odd wei of a bond', async () => {
    const world = await loadWorld()
    await accepted(world, { bondWei: STAKE_WEI - 7n, priceWei: 0n })
    const proof = await proofOf(world)
    await expect(prove(world, proof))
      .to.emit(world.mesh, 'ProviderSlashed')
      .withArgs(1, world.jobIdOf(proof[0]), EQUIVOCATION, 2, 1, 4)
    await expectConserved(world, { lockedWei: STAKE_WEI - 7n })
  })

  it('stop the seat from settling, anchoring or committing with that key', async () => {
    const world = await loadWorld()
    const { mesh } = world
    await prove(world, await proofOf(world))
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await expect(settleSeats(world, round)).to.be.revertedWithCustomError(mesh, 'BadSignature')
    await expect(commitSeat(world, round, 0)).to.be.revertedWithCustomError(mesh, 'NotProvider')
  })

  it('cost one bond for a key, however many seats it contradicted itself on', async () => {
    const world = await loadWorld()
    const proof = await proofOf(world)
    await prove(world, proof)
    for (const again of [proof, await proofOf(world)]) {
      await expect(prove(world, again))
        .to.be.revertedWithCustomError(world.mesh, 'KeyNotLiable')
        .withArgs(1, world.provider(0).key.address)
    }
  })

  it('are proven after the job was settled, too', async () => {
    const world = await loadWorld()
    const order = await redundantOrder(world)
    const round = roundOf(world, order, [HONEST, HONEST, HONEST])
    await settleSeats(world, round)
    const { key } = world.provider(0)
    const first = { assignmentHash: assignmentHashOf(round), providerId: 1, commitment: round.commitments[0] }
    const second = { ...first, commitment: ethers.id('another commitment') }
    const [firstSig, secondSig] = await Promise.all(
      [first, second].map((commit) => signStruct(key, world.domain, 'SeatCommit', commit)),
    )
    await world.mesh.proveSeatEquivocation(order, round.assignment, first, firstSig, second, secondSig)
    await expectConserved(world)
  })

  it('are proven up to the last second that a replaced key is liable', async () => {
    const world = await loadWorld()
    const { mesh, challenger } = world
    const { key, owner } = world.provider(0)
    const proof = await proofOf(world)
    const rotation = { providerId: 1, newKey: challenger.address, keyEpoch: 1 }
    await connect(mesh, owner).rotateKey(
      1,
      challenger.address,
      await signStruct(challenger, world.domain, 'KeyRotation', rotation),
    )
    const until = (await time.latest()) + PARAMS.unbondSeconds
    expect(await mesh.keyLiableUntil(1, key.address)).to.equal(until)
    const snapshot = await ethers.provider.send('evm_snapshot', [])
    await time.setNextBlockTimestamp(until)
    await prove(world, proof)
    expect((await mesh.providerOf(1)).signingKey).to.equal(challenger.address)
    await ethers.provider.send('evm_revert', [snapshot])
    await time.setNextBlockTimestamp(until + 1)
    await expect(prove(world, proof)).to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
  })

  it('are no conflict when they are the same, or of another assignment or seat', async () => {
    const world = await loadWorld()
    const same = await proofOf(world)
    same[4] = same[2]
    same[5] = same[3]
    const another = await proofOf(world, { assignmentHash: ethers.id('another assignment') })
    const [order, assignment, first, firstSig, second, secondSig] = another
    const conflicts: Proof[] = [
      same,
      another,
      [order, assignment, second, secondSig, first, firstSig],
      await proofOf(world, { providerId: 2 }),
    ]
    for (const proof of conflicts) {
      await expect(prove(world, proof)).to.be.revertedWithCustomError(world.mesh, 'NoConflict')
    }
  })

  it('must both name the assignment that is brought', async () => {
    const world = await loadWorld()
    const proof = await proofOf(world)
    proof[1] = { ...proof[1], seed: ethers.id('another seed') }
    await expect(prove(world, proof)).to.be.revertedWithCustomError(world.mesh, 'NoConflict')
  })

  it('must be of the order that is brought', async () => {
    const world = await loadWorld()
    const proof = await proofOf(world)
    const [{ nonce }, assignment] = proof
    const other = { ...proof[0], nonce: nonce + 1_000n }
    proof[0] = other
    await expect(prove(world, proof))
      .to.be.revertedWithCustomError(world.mesh, 'WrongJob')
      .withArgs(assignment.jobId, world.jobIdOf(other))
  })

  it('must both be signed by a key of the provider', async () => {
    const world = await loadWorld()
    const { mesh, stranger } = world
    const { key } = world.provider(0)
    for (const keys of [[stranger, key] as const, [key, stranger] as const]) {
      await expect(prove(world, await proofOf(world, {}, keys)))
        .to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
        .withArgs(1, stranger.address)
    }
    const proof = await proofOf(world)
    proof[3] = '0x'
    await expect(prove(world, proof))
      .to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
      .withArgs(1, ethers.ZeroAddress)
  })

  it('burn the key when all stake is locked, and find nothing more until it is free', async () => {
    const world = await loadWorld()
    await accepted(world, { bondWei: STAKE_WEI })
    const proof = await proofOf(world)
    await expect(prove(world, proof))
      .to.emit(world.mesh, 'KeyBurnt')
      .withArgs(1, world.provider(0).key.address)
    expect((await world.mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expect(prove(world, proof)).to.be.revertedWithCustomError(world.mesh, 'NothingToSlash').withArgs(1)
  })
})
