import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { claimOf, falseClaim, type SignedClaim } from '../support/falseProof.ts'
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
import { WRONG } from '../support/redundant.ts'
import { accepted } from '../support/signedLane.ts'
import { loadVerified, Mode, proofOf, routerOf, verifiedOrder } from '../support/verified.ts'
import { REFERENCE } from '../support/verifiers.ts'

/** The slashed bond is the minimum stake. */
const SLASH_WEI = PARAMS.minStakeWei
const FALSE_PROOF = 7

const prove = (world: World, claim: SignedClaim) =>
  connect(world.mesh, world.stranger).proveFalseProof(...claim)

describe('A signed claim about a proof that does not hold', () => {
  it('costs a bond: half burned, a quarter each to reporter and requester', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const claim = await falseClaim(verified)
    const jobId = world.jobIdOf(claim[0])
    const supplyWei = await world.token.totalSupply()
    await expect(prove(world, claim))
      .to.emit(mesh, 'FalseProofProven')
      .withArgs(jobId, 1, world.stranger.address, SLASH_WEI)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, FALSE_PROOF, SLASH_WEI / 4n, SLASH_WEI / 4n, SLASH_WEI / 2n)
      .and.to.emit(mesh, 'KeyBurnt')
      .withArgs(1, world.provider(0).key.address)
    expect(await world.token.totalSupply()).to.equal(supplyWei - SLASH_WEI / 2n)
    expect(await world.freeOf(world.stranger)).to.equal(SLASH_WEI / 4n)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + SLASH_WEI / 4n)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - SLASH_WEI)
    await expectConserved(world)
  })

  for (const bytes of ['0x', '0x00', `0x${'5a'.repeat(512)}`]) {
    it(`costs it also for ${ethers.dataLength(bytes)} bytes that are no proof at all`, async () => {
      const { world, mesh } = await loadVerified()
      const claim = await claimOf(world, await verifiedOrder(world), bytes)
      await expect(prove(world, claim)).to.emit(mesh, 'FalseProofProven')
      await expectConserved(world)
    })
  }

  it('costs it also after another provider has proven the job', async () => {
    const verified = await loadVerified()
    const { world } = verified
    const claim = await falseClaim(verified)
    const [order] = claim
    const { key, id } = world.provider(1)
    const honest = await proofOf(verified, order, id)
    const output = ethers.id('honest output')
    await connect(world.mesh, key).settleProof(order, await world.signOrder(order), id, output, honest)
    await expect(prove(world, claim)).to.emit(world.mesh, 'FalseProofProven')
    await expectConserved(world)
  })

  it('costs one bond for a key', async () => {
    const verified = await loadVerified()
    const { world } = verified
    const claim = await falseClaim(verified)
    await prove(world, claim)
    await expect(prove(world, claim))
      .to.be.revertedWithCustomError(world.mesh, 'KeyNotLiable')
      .withArgs(1, world.provider(0).key.address)
  })

  it('costs what is not locked, and the rest later', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    await accepted(world, { bondWei: STAKE_WEI - 7n, priceWei: 0n })
    const claim = await falseClaim(verified)
    await expect(prove(world, claim))
      .to.emit(mesh, 'FalseProofProven')
      .withArgs(world.jobIdOf(claim[0]), 1, world.stranger.address, 7)
    await expectConserved(world, { lockedWei: STAKE_WEI - 7n })
  })

  it('is not one when the proof holds', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await verifiedOrder(world)
    const claim = await claimOf(world, order, await proofOf(verified, order))
    await expect(prove(world, claim))
      .to.be.revertedWithCustomError(mesh, 'ProofHolds')
      .withArgs(world.jobIdOf(order), 1)
  })

  it('cannot be put on other bytes than the provider signed', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await verifiedOrder(world)
    const [, claim, signature] = await claimOf(world, order, await proofOf(verified, order))
    const framed = '0xdeadbeef'
    await expect(prove(world, [order, claim, signature, framed]))
      .to.be.revertedWithCustomError(mesh, 'WrongProofBytes')
      .withArgs(ethers.keccak256(framed), claim.proofHash)
    const changed = { ...claim, proofHash: ethers.keccak256(framed) }
    await expect(prove(world, [order, changed, signature, framed])).to.be.revertedWithCustomError(
      mesh,
      'KeyNotLiable',
    )
  })

  it('counts only for its own job, provider and output', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const [order, claim, signature, proof] = await falseClaim(verified)
    const other = await verifiedOrder(world)
    await expect(prove(world, [other, claim, signature, proof]))
      .to.be.revertedWithCustomError(mesh, 'WrongClaim')
      .withArgs(claim.jobId, world.jobIdOf(other))
    for (const change of [{ providerId: 2 }, { outputHash: ethers.id('third') }]) {
      await expect(
        prove(world, [order, { ...claim, ...change }, signature, proof]),
      ).to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
    }
  })

  it('counts in mode proof alone: other verifiers may change their mind', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    for (const mode of [Mode.reference, Mode.attested, Mode.signed]) {
      const order = await verifiedOrder(world, { mode })
      await expect(prove(world, await claimOf(world, order, '0x00')))
        .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
  })

  it('is not judged by a verifier that is unknown or tombstoned', async () => {
    const verified = await loadVerified()
    const { world, verifier } = verified
    const router = await routerOf(verifier)
    const unknown = await verifiedOrder(world, { policy: ethers.id('nobody') })
    await expect(prove(world, await claimOf(world, unknown, '0x00'))).to.be.revertedWithCustomError(
      router,
      'VerifierUnknown',
    )
    const claim = await falseClaim(verified)
    const [owner] = await ethers.getSigners()
    await connect(router, owner!).tombstone(REFERENCE)
    await expect(prove(world, claim)).to.be.revertedWithCustomError(router, 'VerifierTombstoned')
  })

  it('cannot be judged in a mesh without verifier', async () => {
    const world = await loadWorld()
    const order = await world.orderOf({ mode: Mode.proof })
    await expect(prove(world, await claimOf(world, order, '0x00')))
      .to.be.revertedWithCustomError(world.mesh, 'UnsupportedMode')
      .withArgs(Mode.proof)
  })

  it('needs the key of the provider, now or while a replaced one is liable', async () => {
    const verified = await loadVerified()
    const { world, mesh } = verified
    const order = await verifiedOrder(world)
    const proof = await proofOf(verified, order)
    const forged = await claimOf(world, order, proof, { outputHash: WRONG, signer: world.provider(1).key })
    await expect(prove(world, forged)).to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
    const claim = await claimOf(world, order, proof, { outputHash: WRONG })
    await time.increase(1)
    await expect(prove(world, claim)).to.emit(mesh, 'FalseProofProven')
  })
})
