import { expect } from 'chai'
import { AbiCoder, keccak256 } from 'ethers'
import { at, connect, ethers, time, ZERO_HASH } from '../../support/mesh.ts'
import {
  attest,
  attestationOf,
  evidenceOf,
  loadVerifiers,
  MEASUREMENT,
  TTL_SECONDS,
  walletOf,
} from '../../support/verifiers.ts'

const HOUR = 3_600
const DAY = 86_400
const other = walletOf('other enclave').address

describe('Attesting an enclave key', () => {
  it('enters the key for provider and measurement', async () => {
    const verifiers = await loadVerifiers()
    const { registry } = verifiers
    const expiresAt = (await time.latest()) + DAY
    await expect(attest(verifiers, { enclaveKey: other, expiresAt }))
      .to.emit(registry, 'KeyAttested')
      .withArgs(other, 1, 1, expiresAt)
    expect([...(await registry.keyOf(other))]).to.deep.equal([1n, 1n, BigInt(expiresAt), false])
    expect(await registry.isLive(other, 1, 1)).to.equal(true)
    expect(await registry.isLive(other, 2, 1)).to.equal(false)
    expect(await registry.isLive(other, 1, 2)).to.equal(false)
  })

  it('is for the owner or the signing key of the provider', async () => {
    const verifiers = await loadVerifiers()
    const { registry, world } = verifiers
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers, { enclaveKey: other }))
    for (const caller of [world.stranger, world.provider(1).owner, world.provider(1).key]) {
      await expect(connect(registry, caller).attestKey(1, 1, evidence))
        .to.be.revertedWithCustomError(world.mesh, 'NotProvider')
        .withArgs(1, caller.address)
    }
    await connect(registry, world.provider(0).key).attestKey(1, 1, evidence)
    expect(await registry.isLive(other, 1, 1)).to.equal(true)
  })

  it('is not for provider zero, which strangers seem to have', async () => {
    const verifiers = await loadVerifiers()
    const { registry, world } = verifiers
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers, {}, 0))
    await expect(connect(registry, world.stranger).attestKey(0, 1, evidence))
      .to.be.revertedWithCustomError(world.mesh, 'NotProvider')
      .withArgs(0, world.stranger.address)
  })

  it('extends the life of a key', async () => {
    const verifiers = await loadVerifiers()
    const { registry, enclave } = verifiers
    const expiresAt = (await time.latest()) + TTL_SECONDS
    await attest(verifiers, { expiresAt })
    expect((await registry.keyOf(enclave.address)).expiresAt).to.equal(BigInt(expiresAt))
  })

  it('brings an expired key back with new evidence', async () => {
    const verifiers = await loadVerifiers()
    const { registry, enclave } = verifiers
    await time.increase(TTL_SECONDS)
    expect(await registry.isLive(enclave.address, 1, 1)).to.equal(false)
    await attest(verifiers)
    expect(await registry.isLive(enclave.address, 1, 1)).to.equal(true)
  })

  it('needs an expiry from now to the longest life, both included', async () => {
    const verifiers = await loadVerifiers()
    const { registry } = verifiers
    const now = (await time.latest()) + HOUR
    for (const expiresAt of [now - 1, now + TTL_SECONDS + 1]) {
      const snapshot = await attestationOf(verifiers, { expiresAt })
      const evidence = await evidenceOf(verifiers, snapshot)
      await at(now)
      await expect(
        connect(registry, verifiers.world.provider(0).owner).attestKey.staticCall(1, 1, evidence, {
          blockTag: 'pending',
        }),
      )
        .to.be.revertedWithCustomError(registry, 'ExpiryOutOfBounds')
        .withArgs(expiresAt, now, now + TTL_SECONDS)
    }
    await at(now)
    await attest(verifiers, { expiresAt: now })
    await at(now + 1)
    await attest(verifiers, { expiresAt: now + 1 + TTL_SECONDS })
  })

  it('refuses the zero key', async () => {
    const verifiers = await loadVerifiers()
    await expect(attest(verifiers, { enclaveKey: ethers.ZeroAddress })).to.be.revertedWithCustomError(
      verifiers.registry,
      'ZeroEnclaveKey',
    )
  })

  it('refuses another measurement than the one that is allowed', async () => {
    const verifiers = await loadVerifiers()
    const { registry } = verifiers
    for (const measurement of [ethers.id('enclave build 2'), ZERO_HASH]) {
      await expect(attest(verifiers, { measurement }))
        .to.be.revertedWithCustomError(registry, 'WrongMeasurement')
        .withArgs(measurement, MEASUREMENT)
    }
  })

  it('refuses unknown and revoked measurements', async () => {
    const verifiers = await loadVerifiers()
    const { registry } = verifiers
    for (const measurementId of [0, 2]) {
      await expect(attest(verifiers, {}, { measurementId }))
        .to.be.revertedWithCustomError(registry, 'MeasurementUnknown')
        .withArgs(measurementId)
    }
    await registry.revokeMeasurement(1)
    await expect(attest(verifiers)).to.be.revertedWithCustomError(registry, 'RevokedMeasurement').withArgs(1)
  })

  it('refuses the key of another provider or measurement', async () => {
    const verifiers = await loadVerifiers()
    const { registry, quorum, enclave } = verifiers
    await expect(attest(verifiers, {}, { providerId: 2 }))
      .to.be.revertedWithCustomError(registry, 'KeyAttestedOtherwise')
      .withArgs(enclave.address, 1, 1)
    const measurement = ethers.id('enclave build 2')
    await registry.allowMeasurement(await quorum.getAddress(), measurement)
    await expect(attest(verifiers, { measurement }, { measurementId: 2 }))
      .to.be.revertedWithCustomError(registry, 'KeyAttestedOtherwise')
      .withArgs(enclave.address, 1, 1)
  })

  it('refuses evidence that its verifier refuses', async () => {
    const verifiers = await loadVerifiers()
    const { registry, quorum, world } = verifiers
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers), { ids: [0] })
    await expect(connect(registry, world.provider(0).owner).attestKey(1, 1, evidence))
      .to.be.revertedWithCustomError(quorum, 'NoQuorum')
      .withArgs(1, 2)
  })
})

describe('Attack: replaying an attestation', () => {
  it('fails: the challenge of the provider has moved on', async () => {
    const verifiers = await loadVerifiers()
    const { registry, world } = verifiers
    const attestation = await attestationOf(verifiers, { enclaveKey: other })
    const evidence = await evidenceOf(verifiers, attestation)
    const asProvider = connect(registry, world.provider(0).owner)
    await asProvider.attestKey(1, 1, evidence)
    await expect(asProvider.attestKey(1, 1, evidence))
      .to.be.revertedWithCustomError(registry, 'WrongNonce')
      .withArgs(attestation.nonce, await registry.challengeOf(1))
  })

  it('after its key was revoked fails, and so does fresh evidence', async () => {
    const verifiers = await loadVerifiers()
    const { registry, enclave, world } = verifiers
    const unused = await evidenceOf(verifiers, await attestationOf(verifiers))
    await registry.revokeKey(enclave.address)
    await expect(connect(registry, world.provider(0).owner).attestKey(1, 1, unused))
      .to.be.revertedWithCustomError(registry, 'RevokedKey')
      .withArgs(enclave.address)
    expect(await registry.isLive(enclave.address, 1, 1)).to.equal(false)
  })

  it('of another provider fails', async () => {
    const verifiers = await loadVerifiers()
    const { registry, world } = verifiers
    const evidence = await evidenceOf(verifiers, await attestationOf(verifiers, { enclaveKey: other }))
    await expect(
      connect(registry, world.provider(1).owner).attestKey(2, 1, evidence),
    ).to.be.revertedWithCustomError(registry, 'WrongNonce')
  })

  it('needs a challenge that names chain, registry, provider and count', async () => {
    const { registry } = await loadVerifiers()
    const { chainId } = await ethers.provider.getNetwork()
    const challenge = (providerId: number, count: number, address: string) =>
      keccak256(
        AbiCoder.defaultAbiCoder().encode(
          ['uint256', 'address', 'uint32', 'uint256'],
          [chainId, address, providerId, count],
        ),
      )
    const address = await registry.getAddress()
    expect(await registry.challengeOf(1)).to.equal(challenge(1, 1, address))
    expect(await registry.challengeOf(2)).to.equal(challenge(2, 0, address))
  })
})
