import { expect } from 'chai'
import {
  FREEZE_REST_SECONDS,
  type Governance,
  loadGovernance,
  MAX_FREEZE_SECONDS,
  NEXT_TERMS,
  NOTICE_SECONDS,
} from '../support/governance.ts'
import { at, connect, ethers, time } from '../support/mesh.ts'

const Trick = { revert: 0, burnGas: 1, returnBomb: 2, freezeAgain: 3 } as const

async function frozenUntil({ params }: Governance): Promise<bigint> {
  return (await params.current()).frozenUntil
}

/** Freezes at a known second. @returns that second */
async function freezeNow({ params, guardian }: Governance, seconds: number, meshes: string[] = []) {
  const startsAt = (await time.latest()) + 10
  await at(startsAt)
  await connect(params, guardian).freeze(seconds, meshes)
  return startsAt
}

describe('A freeze', () => {
  it('covers the second in which it is called and ends by itself', async () => {
    const gov = await loadGovernance()
    const startsAt = (await time.latest()) + 10
    await at(startsAt)
    await expect(connect(gov.params, gov.guardian).freeze(60, []))
      .to.emit(gov.params, 'Frozen')
      .withArgs(gov.guardian.address, startsAt + 59)
    expect(await frozenUntil(gov)).to.equal(BigInt(startsAt + 59))
  })

  it('lasts one second at least', async () => {
    const gov = await loadGovernance()
    await expect(connect(gov.params, gov.guardian).freeze(0, []))
      .to.be.revertedWithCustomError(gov.params, 'BadFreeze')
      .withArgs(0, MAX_FREEZE_SECONDS)
    const startsAt = await freezeNow(gov, 1)
    expect(await frozenUntil(gov)).to.equal(BigInt(startsAt))
  })

  it('lasts 14 days at most', async () => {
    const gov = await loadGovernance()
    await expect(connect(gov.params, gov.guardian).freeze(MAX_FREEZE_SECONDS + 1, []))
      .to.be.revertedWithCustomError(gov.params, 'BadFreeze')
      .withArgs(MAX_FREEZE_SECONDS + 1, MAX_FREEZE_SECONDS)
    const startsAt = await freezeNow(gov, MAX_FREEZE_SECONDS)
    expect(await frozenUntil(gov)).to.equal(BigInt(startsAt + MAX_FREEZE_SECONDS - 1))
  })

  it('is begun by the guardian only, not even by the owner', async () => {
    const { params, owner, world } = await loadGovernance()
    for (const caller of [owner, world.stranger]) {
      await expect(connect(params, caller).freeze(60, []))
        .to.be.revertedWithCustomError(params, 'NotGuardian')
        .withArgs(caller.address)
    }
  })

  it('cannot be prolonged while it lasts', async () => {
    const gov = await loadGovernance()
    const startsAt = await freezeNow(gov, 60)
    await expect(connect(gov.params, gov.guardian).freeze(60, []))
      .to.be.revertedWithCustomError(gov.params, 'FreezeTooEarly')
      .withArgs(startsAt + 59 + FREEZE_REST_SECONDS)
  })

  it('can be repeated in the first second after 30 full days, and not in the last second of them', async () => {
    const gov = await loadGovernance()
    const lastSecond = (await freezeNow(gov, 60)) + 59
    const restUntil = lastSecond + FREEZE_REST_SECONDS
    await at(restUntil)
    await expect(connect(gov.params, gov.guardian).freeze(60, []))
      .to.be.revertedWithCustomError(gov.params, 'FreezeTooEarly')
      .withArgs(restUntil)
    await at(restUntil + 1)
    await connect(gov.params, gov.guardian).freeze(60, [])
    expect(await frozenUntil(gov)).to.equal(BigInt(restUntil + 60))
  })

  it('does not stop the owner from publishing, nor a version from taking effect', async () => {
    const gov = await loadGovernance()
    await freezeNow(gov, MAX_FREEZE_SECONDS)
    await connect(gov.params, gov.owner).publish(NEXT_TERMS)
    await time.increase(NOTICE_SECONDS)
    const { version, frozenUntil: until } = await gov.params.current()
    expect(version).to.equal(1n)
    expect(until).to.be.greaterThan(BigInt(await time.latest()))
  })
})

describe('The end of a freeze by the owner', () => {
  it('holds from the second of the call on, and the rest counts from there', async () => {
    const gov = await loadGovernance()
    const startsAt = await freezeNow(gov, MAX_FREEZE_SECONDS)
    const endsAt = startsAt + 100
    await at(endsAt)
    await expect(connect(gov.params, gov.owner).unfreeze()).to.emit(gov.params, 'Unfrozen')
    expect(await frozenUntil(gov)).to.equal(BigInt(endsAt - 1))
    await at(endsAt - 1 + FREEZE_REST_SECONDS)
    await expect(connect(gov.params, gov.guardian).freeze(60, [])).to.be.revertedWithCustomError(
      gov.params,
      'FreezeTooEarly',
    )
    await at(endsAt + FREEZE_REST_SECONDS)
    await connect(gov.params, gov.guardian).freeze(60, [])
  })

  it('is possible up to the last second of the freeze', async () => {
    const gov = await loadGovernance()
    const startsAt = await freezeNow(gov, 60)
    await at(startsAt + 59)
    await connect(gov.params, gov.owner).unfreeze()
    expect(await frozenUntil(gov)).to.equal(BigInt(startsAt + 58))
  })

  it('means nothing when nothing is frozen, or not any more', async () => {
    const gov = await loadGovernance()
    const owned = connect(gov.params, gov.owner)
    await expect(owned.unfreeze()).to.be.revertedWithCustomError(gov.params, 'NotFrozen')
    const startsAt = await freezeNow(gov, 60)
    await at(startsAt + 60)
    await expect(owned.unfreeze()).to.be.revertedWithCustomError(gov.params, 'NotFrozen')
  })

  it('is not for the guardian', async () => {
    const gov = await loadGovernance()
    await freezeNow(gov, 60)
    await expect(connect(gov.params, gov.guardian).unfreeze())
      .to.be.revertedWithCustomError(gov.params, 'NotParamsOwner')
      .withArgs(gov.guardian.address)
  })
})

describe('The guardian', () => {
  it('is replaced by the owner, at once', async () => {
    const { params, owner, guardian, world } = await loadGovernance()
    await expect(connect(params, owner).setGuardian(world.stranger.address))
      .to.emit(params, 'GuardianChanged')
      .withArgs(guardian.address, world.stranger.address)
    await expect(connect(params, guardian).freeze(60, []))
      .to.be.revertedWithCustomError(params, 'NotGuardian')
      .withArgs(guardian.address)
    await connect(params, world.stranger).freeze(60, [])
  })

  it('cannot replace itself', async () => {
    const { params, guardian } = await loadGovernance()
    await expect(connect(params, guardian).setGuardian(guardian.address))
      .to.be.revertedWithCustomError(params, 'NotParamsOwner')
      .withArgs(guardian.address)
  })

  it('that is new has to wait as long as the old one: a row of guardians freezes no more than one', async () => {
    const gov = await loadGovernance()
    const startsAt = await freezeNow(gov, 60)
    await connect(gov.params, gov.owner).setGuardian(gov.world.stranger.address)
    await expect(connect(gov.params, gov.world.stranger).freeze(60, []))
      .to.be.revertedWithCustomError(gov.params, 'FreezeTooEarly')
      .withArgs(startsAt + 59 + FREEZE_REST_SECONDS)
  })

  it('can be nobody', async () => {
    const { params, owner, guardian } = await loadGovernance()
    await connect(params, owner).setGuardian(ethers.ZeroAddress)
    expect(await params.guardian()).to.equal(ethers.ZeroAddress)
    await expect(connect(params, guardian).freeze(60, [])).to.be.revertedWithCustomError(
      params,
      'NotGuardian',
    )
  })
})

describe('Meshes named in a freeze', () => {
  async function withMirror() {
    const gov = await loadGovernance()
    const mirror = await ethers.deployContract('TermsMirror', [await gov.params.getAddress()])
    const hostile = await ethers.deployContract('HostileSync', [await gov.params.getAddress()])
    return { gov, mirror, hostile }
  }

  it('know of it in the same transaction', async () => {
    const { gov, mirror } = await withMirror()
    const startsAt = await freezeNow(gov, 60, [await mirror.getAddress()])
    expect(await mirror.frozenUntil()).to.equal(BigInt(startsAt + 59))
    expect((await mirror.terms()).toObject()).to.deep.equal({
      feeBps: 250n,
      minBondBps: 10_000n,
      maxJobLifeSeconds: 86_400n,
    })
  })

  for (const [name, trick] of [
    ['that reverts', Trick.revert],
    ['that burns all gas', Trick.burnGas],
    ['that answers with a return-data bomb', Trick.returnBomb],
  ] as const) {
    it(`cannot block it, nor the meshes after them: one ${name}`, async () => {
      const { gov, mirror, hostile } = await withMirror()
      await hostile.setTrick(trick)
      const meshes = [await hostile.getAddress(), await mirror.getAddress()]
      const frozen = connect(gov.params, gov.guardian).freeze(60, meshes)
      await expect(frozen).to.emit(gov.params, 'SyncFailed').withArgs(meshes[0])
      expect(await mirror.frozenUntil()).to.equal(await frozenUntil(gov))
      const receipt = await (await frozen).wait()
      expect(receipt.gasUsed).to.be.lessThan((await gov.params.SYNC_GAS()) + 250_000n)
    })
  }

  it('cannot block it when they have no code, or no such function', async () => {
    const { gov, mirror } = await withMirror()
    const without = [gov.world.stranger.address, await gov.world.token.getAddress()]
    const frozen = connect(gov.params, gov.guardian).freeze(60, [...without, await mirror.getAddress()])
    for (const mesh of without) await expect(frozen).to.emit(gov.params, 'SyncFailed').withArgs(mesh)
    expect(await mirror.frozenUntil()).to.equal(await frozenUntil(gov))
  })

  it('get enough gas to sync, also when the guardian sends no more than was estimated', async () => {
    const { gov, mirror } = await withMirror()
    const guarded = connect(gov.params, gov.guardian)
    const meshes = [await mirror.getAddress()]
    await expect(guarded.freeze(60, meshes, { gasLimit: 430_000 })).to.be.revertedWithCustomError(
      gov.params,
      'NotEnoughGasToSync',
    )
    expect(await frozenUntil(gov)).to.equal(0n)
    const gasLimit = await guarded.getFunction('freeze').estimateGas(60, meshes)
    await expect(guarded.freeze(60, meshes, { gasLimit })).to.not.emit(gov.params, 'SyncFailed')
    expect(await mirror.frozenUntil()).to.equal(await frozenUntil(gov))
  })

  it('cannot freeze once more from within, even as guardian', async () => {
    const { gov, hostile } = await withMirror()
    await hostile.setTrick(Trick.freezeAgain)
    await connect(gov.params, gov.owner).setGuardian(await hostile.getAddress())
    const startsAt = (await time.latest()) + 10
    await at(startsAt)
    await expect(hostile.freeze(60))
      .to.emit(gov.params, 'SyncFailed')
      .withArgs(await hostile.getAddress())
    expect(await frozenUntil(gov)).to.equal(BigInt(startsAt + 59))
  })
})
