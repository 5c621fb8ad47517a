import { expect } from 'chai'
import { AbiCoder, keccak256 } from 'ethers'
import { connect, ethers, ZERO_HASH } from '../../support/mesh.ts'
import {
  deploy,
  GAS_CAP,
  loadVerifiers,
  OUTPUT,
  REFERENCE,
  TEE,
  TEE_METADATA,
  taskInputOf,
  taskOf,
  teeProof,
} from '../../support/verifiers.ts'

const NEW = '0x00000001'

describe('Entries of the verifier router', () => {
  it('are added by the owner, with the profile of ERC-8274', async () => {
    const { router, tee } = await loadVerifiers()
    const adapter = await tee.getAddress()
    const profile = keccak256(
      AbiCoder.defaultAbiCoder().encode(
        ['address', 'bytes32', 'bytes32'],
        [adapter, await tee.proofProfile(), keccak256('0x1234')],
      ),
    )
    await expect(router.addVerifier(NEW, adapter, 50_000, '0x1234'))
      .to.emit(router, 'VerifierAdded')
      .withArgs(NEW, adapter, 50_000, profile, '0x1234')
    expect([...(await router.entryOf(NEW))]).to.deep.equal([adapter, 50_000n, 1n, profile, '0x1234'])
    expect(await router.isActive(NEW)).to.equal(true)
  })

  it('are added by nobody else, the guardian included', async () => {
    const { router, tee, world, guardian } = await loadVerifiers()
    const adapter = await tee.getAddress()
    for (const caller of [world.stranger, guardian]) {
      await expect(connect(router, caller).addVerifier(NEW, adapter, GAS_CAP, '0x'))
        .to.be.revertedWithCustomError(router, 'OwnableUnauthorizedAccount')
        .withArgs(caller.address)
    }
  })

  it('cannot be replaced, not even by themselves', async () => {
    const { router, tee, hostile } = await loadVerifiers()
    for (const adapter of [await hostile.getAddress(), await tee.getAddress()]) {
      await expect(router.addVerifier(TEE, adapter, GAS_CAP, TEE_METADATA))
        .to.be.revertedWithCustomError(router, 'SelectorTaken')
        .withArgs(TEE)
    }
  })

  it('have no zero selector', async () => {
    const { router, tee } = await loadVerifiers()
    await expect(
      router.addVerifier('0x00000000', await tee.getAddress(), GAS_CAP, '0x'),
    ).to.be.revertedWithCustomError(router, 'ZeroSelector')
  })

  it('need a contract that declares IProofVerifier', async () => {
    const { router, world, agent } = await loadVerifiers()
    for (const adapter of [world.stranger.address, await agent.getAddress(), ethers.ZeroAddress]) {
      await expect(router.addVerifier(NEW, adapter, GAS_CAP, '0x'))
        .to.be.revertedWithCustomError(router, 'NotProofVerifier')
        .withArgs(adapter)
    }
  })

  it('have a gas cap of 10,000 to 5,000,000', async () => {
    const { router, tee } = await loadVerifiers()
    const adapter = await tee.getAddress()
    for (const gasCap of [9_999, 5_000_001]) {
      await expect(router.addVerifier(NEW, adapter, gasCap, '0x'))
        .to.be.revertedWithCustomError(router, 'GasCapOutOfBounds')
        .withArgs(gasCap, 10_000, 5_000_000)
    }
    await router.addVerifier(NEW, adapter, 10_000, '0x')
    await router.addVerifier('0x00000002', adapter, 5_000_000, '0x')
  })

  it('have at most 1,024 bytes of metadata', async () => {
    const { router, tee } = await loadVerifiers()
    const adapter = await tee.getAddress()
    await expect(router.addVerifier(NEW, adapter, GAS_CAP, `0x${'00'.repeat(1_025)}`))
      .to.be.revertedWithCustomError(router, 'MetadataTooLong')
      .withArgs(1_025, 1_024)
    const longest = `0x${'5a'.repeat(1_024)}`
    await router.addVerifier(NEW, adapter, GAS_CAP, longest)
    expect((await router.entryOf(NEW)).metadata).to.equal(longest)
  })
})

describe('Tombstones of the verifier router', () => {
  it('are set by the guardian or the owner, and end all verification', async () => {
    const verifiers = await loadVerifiers()
    const { router, guardian, owner } = verifiers
    const task = await taskOf(verifiers)
    const args = [TEE, taskInputOf(task), OUTPUT, await teeProof(verifiers, task)]
    expect((await router.verify(...args)).valid).to.equal(true)
    await expect(connect(router, guardian).tombstone(TEE))
      .to.emit(router, 'SelectorTombstoned')
      .withArgs(TEE, guardian.address)
    await expect(router.verify(...args))
      .to.be.revertedWithCustomError(router, 'VerifierTombstoned')
      .withArgs(TEE)
    expect(await router.isActive(TEE)).to.equal(false)
    await expect(connect(router, owner).tombstone(REFERENCE))
      .to.emit(router, 'SelectorTombstoned')
      .withArgs(REFERENCE, owner.address)
  })

  it('are set by nobody else', async () => {
    const { router, world } = await loadVerifiers()
    await expect(connect(router, world.stranger).tombstone(TEE))
      .to.be.revertedWithCustomError(router, 'NotGuardian')
      .withArgs(world.stranger.address)
  })

  it('stay: the selector is never used again, and keeps telling what it meant', async () => {
    const { router, tee } = await loadVerifiers()
    const before = await router.entryOf(TEE)
    await router.tombstone(TEE)
    await expect(router.addVerifier(TEE, await tee.getAddress(), GAS_CAP, TEE_METADATA))
      .to.be.revertedWithCustomError(router, 'SelectorTaken')
      .withArgs(TEE)
    await expect(router.tombstone(TEE))
      .to.be.revertedWithCustomError(router, 'VerifierTombstoned')
      .withArgs(TEE)
    const { adapter, gasCap, state, agentProofProfile, metadata } = await router.entryOf(TEE)
    expect([adapter, gasCap, state, agentProofProfile, metadata]).to.deep.equal([
      before.adapter,
      before.gasCap,
      2n,
      before.agentProofProfile,
      before.metadata,
    ])
  })

  it('are not set on selectors without meaning', async () => {
    const { router, guardian } = await loadVerifiers()
    await expect(connect(router, guardian).tombstone(NEW))
      .to.be.revertedWithCustomError(router, 'VerifierUnknown')
      .withArgs(NEW)
  })
})

describe('The guardian of the verifier router', () => {
  it('is named by the owner; the one before has no power left', async () => {
    const { router, world, guardian } = await loadVerifiers()
    await expect(router.setGuardian(world.challenger.address))
      .to.emit(router, 'GuardianSet')
      .withArgs(world.challenger.address)
    expect(await router.guardian()).to.equal(world.challenger.address)
    await expect(connect(router, guardian).tombstone(TEE)).to.be.revertedWithCustomError(
      router,
      'NotGuardian',
    )
    await connect(router, world.challenger).tombstone(TEE)
  })

  it('does not name another one', async () => {
    const { router, guardian } = await loadVerifiers()
    await expect(connect(router, guardian).setGuardian(guardian.address)).to.be.revertedWithCustomError(
      router,
      'OwnableUnauthorizedAccount',
    )
  })

  it('can be nobody', async () => {
    const { world, owner } = await loadVerifiers()
    const router = await deploy('VerifierRouter', [owner.address, ethers.ZeroAddress])
    await expect(connect(router, world.stranger).tombstone(TEE)).to.be.revertedWithCustomError(
      router,
      'NotGuardian',
    )
  })
})

describe('Asking the verifier router', () => {
  it('reverts for a selector without meaning', async () => {
    const { router } = await loadVerifiers()
    await expect(router.verify(NEW, ZERO_HASH, ZERO_HASH, '0x'))
      .to.be.revertedWithCustomError(router, 'VerifierUnknown')
      .withArgs(NEW)
  })

  it('hands over the stored metadata, whatever the caller would like', async () => {
    const verifiers = await loadVerifiers()
    const { router, tee } = verifiers
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    await router.addVerifier(NEW, await tee.getAddress(), GAS_CAP, '0x00000002')
    expect((await router.verify(TEE, taskInputOf(task), OUTPUT, proof)).valid).to.equal(true)
    expect((await router.verify(NEW, taskInputOf(task), OUTPUT, proof)).valid).to.equal(false)
  })

  it('gives the profile of the entry with both answers', async () => {
    const verifiers = await loadVerifiers()
    const { router } = verifiers
    const task = await taskOf(verifiers)
    const { agentProofProfile } = await router.entryOf(TEE)
    const proof = await teeProof(verifiers, task)
    expect([...(await router.verify(TEE, taskInputOf(task), OUTPUT, proof))]).to.deep.equal([
      true,
      agentProofProfile,
    ])
    expect([...(await router.verify(TEE, taskInputOf(task), OUTPUT, '0x'))]).to.deep.equal([
      false,
      agentProofProfile,
    ])
  })
})
