import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  connect,
  DEPOSIT_WEI,
  DUCK,
  ethers,
  loadWorld,
  PARAMS,
  PRICE_WEI,
  STAKE_WEI,
  time,
  type World,
} from '../support/mesh.ts'
import { HONEST, WRONG } from '../support/redundant.ts'
import { receiptOf, settle, signReceipt } from '../support/settling.ts'
import { accepted } from '../support/signedLane.ts'
import { type Order, type Receipt, signStruct } from '../support/typedData.ts'

/** The slashed bond is the minimum stake. */
const SLASH_WEI = PARAMS.minStakeWei
const EQUIVOCATION = 6
/** What stands in the place of a burnt key. */
const BURNT_KEY = ethers.zeroPadValue('0x01', 20)

type Proof = [Order, Receipt, string, Receipt, string]

async function proofOf(
  world: World,
  changes: Partial<Receipt> = {},
  keys = [world.provider(0).key, world.provider(0).key] as const,
): Promise<Proof> {
  const order = await world.orderOf()
  const first = receiptOf(world, order)
  const second = { ...first, outputHash: WRONG, ...changes }
  return [
    order,
    first,
    await signReceipt(world, first, keys[0]),
    second,
    await signReceipt(world, second, keys[1]),
  ]
}

function prove(world: World, proof: Proof) {
  return connect(world.mesh, world.stranger).proveEquivocation(...proof)
}

/** Provider 1 rotates to the key of the challenger or another account. */
async function rotate(world: World, newKey = world.challenger) {
  const { keyEpoch } = await world.mesh.providerOf(1)
  const rotation = { providerId: 1, newKey: newKey.address, keyEpoch: keyEpoch + 1n }
  const proof = await signStruct(newKey, world.domain, 'KeyRotation', rotation)
  return connect(world.mesh, world.provider(0).owner).rotateKey(1, newKey.address, proof)
}

describe('Two outputs signed for one job', () => {
  it('cost a bond: half burned, a quarter each to reporter and requester', async () => {
    const world = await loadWorld()
    const { mesh, token, stranger, requester } = world
    const proof = await proofOf(world)
    const jobId = world.jobIdOf(proof[0])
    const supply = await token.totalSupply()
    await expect(prove(world, proof))
      .to.emit(mesh, 'EquivocationProven')
      .withArgs(jobId, 1, stranger.address, SLASH_WEI)
      .and.to.emit(mesh, 'ProviderSlashed')
      .withArgs(1, jobId, EQUIVOCATION, SLASH_WEI / 4n, SLASH_WEI / 4n, SLASH_WEI / 2n)
    expect(await token.totalSupply()).to.equal(supply - SLASH_WEI / 2n)
    expect(await world.freeOf(stranger)).to.equal(SLASH_WEI / 4n)
    expect(await world.freeOf(requester)).to.equal(DEPOSIT_WEI + SLASH_WEI / 4n)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - SLASH_WEI)
    await expectConserved(world)
  })

  it('burn the key until the owner rotates to another', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { key, owner } = world.provider(0)
    await expect(prove(world, await proofOf(world)))
      .to.emit(mesh, 'KeyBurnt')
      .withArgs(1, key.address)
    expect((await mesh.providerOf(1)).signingKey).to.equal(BURNT_KEY)
    expect(await mesh.providerIdByKey(key.address)).to.equal(0n)
    expect(await mesh.keyLiableUntil(1, key.address)).to.equal(1n)
    await expect(settle(world, await world.orderOf()))
      .to.be.revertedWithCustomError(mesh, 'BadSignature')
      .withArgs(BURNT_KEY)
    await expect(connect(mesh, key).heartbeat(1)).to.be.revertedWithCustomError(mesh, 'NotProvider')
    await connect(mesh, owner).heartbeat(1)
    await expect(rotate(world, key)).to.be.revertedWithCustomError(mesh, 'BurntKey').withArgs(1, key.address)
    await rotate(world)
    expect((await mesh.providerOf(1)).signingKey).to.equal(world.challenger.address)
    expect(await mesh.keyLiableUntil(1, BURNT_KEY)).to.equal(0n)
  })

  it('cost one bond for a key, however many jobs it contradicted itself on', async () => {
    const world = await loadWorld()
    const proof = await proofOf(world)
    await prove(world, proof)
    const { key } = world.provider(0)
    for (const again of [proof, await proofOf(world)]) {
      await expect(prove(world, again))
        .to.be.revertedWithCustomError(world.mesh, 'KeyNotLiable')
        .withArgs(1, key.address)
    }
  })

  it('leave the bonds of open jobs whole, and reach stake on its way out', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const { owner } = world.provider(0)
    await accepted(world, { bondWei: STAKE_WEI - 30n * DUCK })
    await connect(mesh, owner).startUnstake(1, 20n * DUCK)
    const proof = await proofOf(world)
    await expect(prove(world, proof))
      .to.emit(mesh, 'EquivocationProven')
      .withArgs(world.jobIdOf(proof[0]), 1, world.stranger.address, 30n * DUCK)
    const provider = await mesh.providerOf(1)
    expect(provider.unstakingWei).to.equal(0n)
    expect(provider.unstakeAt).to.equal(0n)
    expect(provider.stakedWei).to.equal(STAKE_WEI - 30n * DUCK)
    expect(provider.lockedWei).to.equal(STAKE_WEI - 30n * DUCK)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: STAKE_WEI - 30n * DUCK })
  })

  it('take a part of what is leaving and keep its time', async () => {
    const world = await loadWorld()
    const { mesh } = world
    await connect(mesh, world.provider(0).owner).startUnstake(1, STAKE_WEI)
    const { unstakeAt } = await mesh.providerOf(1)
    await prove(world, await proofOf(world))
    const provider = await mesh.providerOf(1)
    expect([provider.unstakingWei, provider.unstakeAt]).to.deep.equal([STAKE_WEI - SLASH_WEI, unstakeAt])
    await expectConserved(world)
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

  it('count against a replaced key as long as unstaking takes, to the second', async () => {
    const world = await loadWorld()
    const { mesh } = world
    const proof = await proofOf(world)
    await rotate(world)
    const until = (await time.latest()) + PARAMS.unbondSeconds
    expect(await mesh.keyLiableUntil(1, world.provider(0).key.address)).to.equal(until)
    const snapshot = await ethers.provider.send('evm_snapshot', [])
    await time.setNextBlockTimestamp(until)
    await prove(world, proof)
    expect((await mesh.providerOf(1)).signingKey).to.equal(world.challenger.address)
    await ethers.provider.send('evm_revert', [snapshot])
    await time.setNextBlockTimestamp(until + 1)
    await expect(prove(world, proof)).to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
  })

  it('count also when the key was rotated between the two, and burn both', async () => {
    const world = await loadWorld()
    const { mesh } = world
    await rotate(world)
    await prove(world, await proofOf(world, {}, [world.provider(0).key, world.challenger]))
    expect((await mesh.providerOf(1)).signingKey).to.equal(BURNT_KEY)
    expect(await mesh.keyLiableUntil(1, world.provider(0).key.address)).to.equal(1n)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI - SLASH_WEI)
  })

  it('are no conflict when output is the same, or job, provider or round differ', async () => {
    const world = await loadWorld()
    const conflicts: Partial<Receipt>[] = [
      { outputHash: HONEST },
      { outputHash: HONEST, amountWei: 1n },
      { jobId: ethers.id('another job') },
      { providerId: 2 },
      { assignmentHash: ethers.id('assignment') },
    ]
    for (const changes of conflicts) {
      await expect(prove(world, await proofOf(world, changes))).to.be.revertedWithCustomError(
        world.mesh,
        'NoConflict',
      )
    }
  })

  it('must be of the order that is brought', async () => {
    const world = await loadWorld()
    const [, ...receipts] = await proofOf(world)
    const order = await world.orderOf()
    await expect(prove(world, [order, ...receipts]))
      .to.be.revertedWithCustomError(world.mesh, 'WrongReceipt')
      .withArgs(receipts[0].jobId, world.jobIdOf(order))
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
    const [order, first, , second] = await proofOf(world)
    const unknown = { providerId: 99 }
    await expect(
      mesh.proveEquivocation(order, { ...first, ...unknown }, '0x', { ...second, ...unknown }, '0x'),
    )
      .to.be.revertedWithCustomError(mesh, 'KeyNotLiable')
      .withArgs(99, ethers.ZeroAddress)
  })
})
