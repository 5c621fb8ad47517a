import { expect } from 'chai'
import { connect, ethers, ZERO_HASH } from '../../support/mesh.ts'
import { attest, deploy, loadVerifiers, MEASUREMENT, walletOf } from '../../support/verifiers.ts'

const HOUR = 3_600
const DAY = 86_400
const other = walletOf('other enclave').address

describe('Measurements', () => {
  it('are allowed by the owner under ids that count up', async () => {
    const { registry, quorum, world } = await loadVerifiers()
    const verifier = await quorum.getAddress()
    const digest = ethers.id('enclave build 2')
    await expect(registry.allowMeasurement(verifier, digest))
      .to.emit(registry, 'MeasurementAllowed')
      .withArgs(2, digest, verifier)
    expect([...(await registry.measurementOf(2))]).to.deep.equal([verifier, false, digest])
    expect(await registry.measurementCount()).to.equal(2n)
    await expect(
      connect(registry, world.stranger).allowMeasurement(verifier, ethers.id('enclave build 3')),
    ).to.be.revertedWithCustomError(registry, 'OwnableUnauthorizedAccount')
  })

  it('have one id for each verifier that is believed about them', async () => {
    const { registry, attesters } = await loadVerifiers()
    const second = await deploy('AttesterQuorum', [attesters.map(({ address }) => address), 3])
    await registry.allowMeasurement(await second.getAddress(), MEASUREMENT)
    expect((await registry.measurementOf(2)).digest).to.equal(MEASUREMENT)
    expect((await registry.measurementOf(2)).verifier).to.not.equal(
      (await registry.measurementOf(1)).verifier,
    )
  })

  it('are not those of debug enclaves', async () => {
    const { registry, quorum } = await loadVerifiers()
    await expect(
      registry.allowMeasurement(await quorum.getAddress(), ZERO_HASH),
    ).to.be.revertedWithCustomError(registry, 'DebugMeasurement')
  })

  it('need a verifier with code', async () => {
    const { registry, world } = await loadVerifiers()
    await expect(registry.allowMeasurement(world.stranger.address, ethers.id('enclave build 2')))
      .to.be.revertedWithCustomError(registry, 'NoVerifierCode')
      .withArgs(world.stranger.address)
  })

  it('are not allowed twice, nor again after a revocation', async () => {
    const { registry, quorum } = await loadVerifiers()
    const again = async () => registry.allowMeasurement(await quorum.getAddress(), MEASUREMENT)
    await expect(again()).to.be.revertedWithCustomError(registry, 'MeasurementKnown').withArgs(1)
    await registry.revokeMeasurement(1)
    await expect(again()).to.be.revertedWithCustomError(registry, 'MeasurementKnown').withArgs(1)
  })

  it('are revoked by owner or revoker, once, with all their keys', async () => {
    const verifiers = await loadVerifiers()
    const { registry, guardian, world, enclave } = verifiers
    await expect(connect(registry, world.provider(0).owner).revokeMeasurement(1))
      .to.be.revertedWithCustomError(registry, 'NotRevoker')
      .withArgs(world.provider(0).owner.address)
    await expect(connect(registry, guardian).revokeMeasurement(1))
      .to.emit(registry, 'MeasurementRevoked')
      .withArgs(1, guardian.address)
    expect(await registry.isLive(enclave.address, 1, 1)).to.equal(false)
    await expect(registry.revokeMeasurement(1))
      .to.be.revertedWithCustomError(registry, 'RevokedMeasurement')
      .withArgs(1)
    await expect(registry.revokeMeasurement(7))
      .to.be.revertedWithCustomError(registry, 'MeasurementUnknown')
      .withArgs(7)
  })
})

describe('Revoking an enclave key', () => {
  it('is for owner, revoker and the key’s own provider', async () => {
    const verifiers = await loadVerifiers()
    const { registry, owner, guardian, world } = verifiers
    const callers = [owner, guardian, world.provider(0).owner, world.provider(0).key]
    for (const [index, caller] of callers.entries()) {
      const key = walletOf(`enclave to revoke ${index}`).address
      await attest(verifiers, { enclaveKey: key })
      await expect(connect(registry, caller).revokeKey(key))
        .to.emit(registry, 'KeyRevoked')
        .withArgs(key, caller.address)
      expect(await registry.isLive(key, 1, 1)).to.equal(false)
    }
  })

  it('is not for anybody else', async () => {
    const { registry, enclave, world } = await loadVerifiers()
    for (const caller of [world.stranger, world.provider(1).owner]) {
      await expect(connect(registry, caller).revokeKey(enclave.address))
        .to.be.revertedWithCustomError(registry, 'NotRevoker')
        .withArgs(caller.address)
    }
    await expect(connect(registry, world.stranger).revokeKey(other)).to.be.revertedWithCustomError(
      registry,
      'NotRevoker',
    )
  })

  it('happens once', async () => {
    const { registry, enclave } = await loadVerifiers()
    await registry.revokeKey(enclave.address)
    await expect(registry.revokeKey(enclave.address))
      .to.be.revertedWithCustomError(registry, 'RevokedKey')
      .withArgs(enclave.address)
  })

  it('works before the attestation, which is refused then', async () => {
    const verifiers = await loadVerifiers()
    const { registry } = verifiers
    await registry.revokeKey(other)
    await expect(attest(verifiers, { enclaveKey: other }))
      .to.be.revertedWithCustomError(registry, 'RevokedKey')
      .withArgs(other)
  })

  it('is a power that the owner gives away and takes back', async () => {
    const { registry, guardian, world, enclave } = await loadVerifiers()
    await expect(registry.setRevoker(world.challenger.address))
      .to.emit(registry, 'RevokerSet')
      .withArgs(world.challenger.address)
    expect(await registry.revoker()).to.equal(world.challenger.address)
    await expect(connect(registry, guardian).revokeKey(enclave.address)).to.be.revertedWithCustomError(
      registry,
      'NotRevoker',
    )
    await expect(connect(registry, guardian).setRevoker(guardian.address)).to.be.revertedWithCustomError(
      registry,
      'OwnableUnauthorizedAccount',
    )
  })
})

describe('Deploying the registry of enclave keys', () => {
  it('bounds the longest life of a key to 1 hour and 90 days', async () => {
    const { world, owner, registry } = await loadVerifiers()
    const deployed = async (ttl: number) =>
      deploy('TeeKeyRegistry', [await world.mesh.getAddress(), owner.address, owner.address, ttl])
    for (const ttl of [HOUR - 1, 90 * DAY + 1]) {
      await expect(deployed(ttl))
        .to.be.revertedWithCustomError(registry, 'TtlOutOfBounds')
        .withArgs(ttl, HOUR, 90 * DAY)
    }
    expect(await (await deployed(HOUR)).maxTtlSeconds()).to.equal(BigInt(HOUR))
    expect(await (await deployed(90 * DAY)).maxTtlSeconds()).to.equal(BigInt(90 * DAY))
    expect(await registry.providers()).to.equal(await world.mesh.getAddress())
  })
})
