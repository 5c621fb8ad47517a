import { expect } from 'chai'
import {
  DAY,
  deployParams,
  type Governance,
  loadGovernance,
  minedAt,
  NEXT_TERMS,
  NOTICE_SECONDS,
  TERMS,
} from '../support/governance.ts'
import { at, connect, ethers, networkHelpers, time } from '../support/mesh.ts'

const MAX_VERSIONS = 64

const plain = (terms: object) =>
  Object.fromEntries(Object.entries(terms).map(([name, value]) => [name, BigInt(value)]))

async function currentOf({ params }: Governance) {
  const { version, terms, effectiveAt, frozenUntil } = await params.current()
  return { version, terms: terms.toObject(), effectiveAt, frozenUntil }
}

describe('Terms', () => {
  it('begin with version 0, in effect since the deployment', async () => {
    const { owner, guardian } = await loadGovernance()
    const params = await deployParams(owner, guardian)
    const deployment = params.deploymentTransaction()
    const deployedAt = BigInt(await minedAt(Promise.resolve(deployment)))
    const { version, terms, effectiveAt, frozenUntil } = await params.current()
    expect([version, effectiveAt, frozenUntil]).to.deep.equal([0n, deployedAt, 0n])
    expect(terms.toObject()).to.deep.equal(plain(TERMS))
    expect(await params.versionCount()).to.equal(1n)
    await expect(deployment).to.emit(params, 'TermsPublished').withArgs(0, Object.values(TERMS), deployedAt)
    await expect(deployment).to.emit(params, 'GuardianChanged').withArgs(ethers.ZeroAddress, guardian.address)
  })

  it('take effect in the first second after their notice, and not in the last second of it', async () => {
    const gov = await loadGovernance()
    const publishedAt = (await time.latest()) + 10
    await at(publishedAt)
    const effectiveAt = publishedAt + NOTICE_SECONDS
    await expect(connect(gov.params, gov.owner).publish(NEXT_TERMS))
      .to.emit(gov.params, 'TermsPublished')
      .withArgs(1, Object.values(NEXT_TERMS), effectiveAt)
    await time.increaseTo(effectiveAt - 1)
    expect((await currentOf(gov)).version).to.equal(0n)
    await time.increaseTo(effectiveAt)
    const now = await currentOf(gov)
    expect([now.version, now.effectiveAt]).to.deep.equal([1n, BigInt(effectiveAt)])
    expect(now.terms).to.deep.equal(plain(NEXT_TERMS))
  })

  it('can be read by version before and after their time, and never change', async () => {
    const gov = await loadGovernance()
    const before = await gov.params.termsOf(0)
    await connect(gov.params, gov.owner).publish(NEXT_TERMS)
    const pending = await gov.params.termsOf(1)
    expect(pending.terms.toObject()).to.deep.equal(plain(NEXT_TERMS))
    await time.increase(NOTICE_SECONDS)
    await connect(gov.params, gov.owner).publish({ ...NEXT_TERMS, feeBps: 1 })
    await time.increase(2 * NOTICE_SECONDS)
    expect((await currentOf(gov)).version).to.equal(2n)
    expect(await gov.params.termsOf(0)).to.deep.equal(before)
    expect(await gov.params.termsOf(1)).to.deep.equal(pending)
  })

  it('come one after the other when several are on their way', async () => {
    const gov = await loadGovernance()
    const times: number[] = []
    for (const feeBps of [1, 2, 3]) {
      times.push(await minedAt(connect(gov.params, gov.owner).publish({ ...TERMS, feeBps })))
      await time.increase(DAY / 2)
    }
    for (const [index, publishedAt] of times.entries()) {
      await time.increaseTo(publishedAt + NOTICE_SECONDS)
      const { version, terms } = await currentOf(gov)
      expect([version, terms.feeBps]).to.deep.equal([BigInt(index + 1), BigInt(index + 1)])
    }
  })

  it('published in one second come together: the newer ones hold', async () => {
    const gov = await loadGovernance()
    const owned = connect(gov.params, gov.owner)
    await networkHelpers.mine()
    await ethers.provider.send('evm_setAutomine', [false])
    await owned.publish({ ...TERMS, feeBps: 1 }, { gasLimit: 500_000 })
    await owned.publish({ ...TERMS, feeBps: 2 }, { gasLimit: 500_000 })
    await networkHelpers.mine()
    await ethers.provider.send('evm_setAutomine', [true])
    expect((await gov.params.termsOf(1)).effectiveAt).to.equal((await gov.params.termsOf(2)).effectiveAt)
    await time.increase(NOTICE_SECONDS)
    expect((await currentOf(gov)).version).to.equal(2n)
  })

  it('are published by the owner only', async () => {
    const { params, guardian } = await loadGovernance()
    await expect(connect(params, guardian).publish(NEXT_TERMS))
      .to.be.revertedWithCustomError(params, 'NotParamsOwner')
      .withArgs(guardian.address)
  })

  it('exist only up to the newest version', async () => {
    const { params } = await loadGovernance()
    await expect(params.termsOf(1)).to.be.revertedWithCustomError(params, 'UnknownTerms').withArgs(1, 1)
  })

  it(`end with ${MAX_VERSIONS} versions: the newest stays for ever`, async () => {
    const gov = await loadGovernance()
    const owned = connect(gov.params, gov.owner)
    for (let version = 1; version < MAX_VERSIONS; version++) {
      await owned.publish({ ...TERMS, feeBps: version })
    }
    expect(await gov.params.MAX_VERSIONS()).to.equal(BigInt(MAX_VERSIONS))
    await expect(owned.publish(TERMS))
      .to.be.revertedWithCustomError(gov.params, 'TooManyVersions')
      .withArgs(MAX_VERSIONS)
    expect((await currentOf(gov)).version).to.equal(0n)
    await time.increase(NOTICE_SECONDS)
    const { version, terms } = await currentOf(gov)
    expect([version, terms.feeBps]).to.deep.equal([63n, 63n])
  })
})

const outside: [key: string, override: object, value: number][] = [
  ['feeBps', { feeBps: 1_001 }, 1_001],
  ['minBondBps', { minBondBps: 50_001 }, 50_001],
  ['maxJobLifeSeconds', { maxJobLifeSeconds: 59 }, 59],
  ['maxJobLifeSeconds', { maxJobLifeSeconds: 90 * DAY + 1 }, 90 * DAY + 1],
]

describe('Bounds of the terms', () => {
  for (const [key, override, value] of outside) {
    it(`refuse ${key} = ${value} in a vote and at deployment`, async () => {
      const { params, owner, guardian } = await loadGovernance()
      const terms = { ...TERMS, ...override }
      const args = [ethers.encodeBytes32String(key), value]
      await expect(connect(params, owner).publish(terms))
        .to.be.revertedWithCustomError(params, 'OutOfBounds')
        .withArgs(...args)
      await expect(deployParams(owner, guardian, NOTICE_SECONDS, terms))
        .to.be.revertedWithCustomError(params, 'OutOfBounds')
        .withArgs(...args)
    })
  }

  it('are values that can be published themselves', async () => {
    const { params, owner } = await loadGovernance()
    const owned = connect(params, owner)
    await owned.publish({ feeBps: 1_000, minBondBps: 50_000, maxJobLifeSeconds: 90 * DAY })
    await owned.publish({ feeBps: 0, minBondBps: 0, maxJobLifeSeconds: 60 })
    expect(await params.versionCount()).to.equal(3n)
  })

  for (const seconds of [2 * DAY - 1, 30 * DAY + 1]) {
    it(`refuse a notice of ${seconds} seconds`, async () => {
      const { params, owner, guardian } = await loadGovernance()
      await expect(deployParams(owner, guardian, seconds))
        .to.be.revertedWithCustomError(params, 'OutOfBounds')
        .withArgs(ethers.encodeBytes32String('noticeSeconds'), seconds)
    })
  }

  it('allow a notice of exactly 2 and exactly 30 days', async () => {
    const { owner, guardian } = await loadGovernance()
    for (const seconds of [2 * DAY, 30 * DAY]) {
      const params = await deployParams(owner, guardian, seconds)
      expect(await params.noticeSeconds()).to.equal(BigInt(seconds))
    }
  })

  it('refuse an owner that is nobody', async () => {
    const { params, guardian } = await loadGovernance()
    await expect(deployParams({ address: ethers.ZeroAddress }, guardian))
      .to.be.revertedWithCustomError(params, 'OutOfBounds')
      .withArgs(ethers.encodeBytes32String('owner'), 0)
  })
})
