import { expect } from 'chai'
import type { ContractTransactionResponse } from 'ethers'
import {
  answered,
  askedByHostile,
  type ConsumerWorld,
  loadConsumerWorld,
  OUTPUT,
  OUTPUT_HASH,
  paid,
} from '../support/consumers.ts'
import { BOND_WEI, ethers, networkHelpers, Status } from '../support/mesh.ts'

const TAKES_IT = 0
const REFUSES = 1
const BURNS_GAS = 2
const RETURNS_BOMB = 3
const REVERTS_WITH_BOMB = 4

const CALLBACK_GAS = 500_000n
/** A transaction with its calldata, the reads of the mesh and one bit; what surrounds the callback. */
const COURIER_GAS = 120_000n

const selectorOf = (signature: string) => ethers.id(signature).slice(0, 10)

async function paidHostile(behaviour: number) {
  const world = await loadConsumerWorld()
  const order = await paid(world, await askedByHostile(world))
  await world.hostile.setBehaviour(behaviour)
  return { world, order, jobId: world.jobIdOf(order) }
}

async function gasOf(sent: Promise<unknown>): Promise<bigint> {
  const receipt = await ((await sent) as ContractTransactionResponse).wait()
  return receipt?.gasUsed ?? 0n
}

/** The least gas with which a delivery goes through at all; leaves the chain as it was. */
async function leastGas(world: ConsumerWorld, order: object): Promise<bigint> {
  const snapshot = await networkHelpers.takeSnapshot()
  let [low, high] = [100_000n, 1_500_000n]
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    try {
      await world.callbacks.deliver(order, OUTPUT, { gasLimit: middle })
      high = middle
    } catch {
      low = middle
    }
    await snapshot.restore()
  }
  return high
}

describe('Attack: a consumer that', () => {
  it('refuses its answer is told, pays anyway, and can take it later', async () => {
    const { world, order, jobId } = await paidHostile(REFUSES)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.emit(world.callbacks, 'CallbackFailed')
      .withArgs(jobId, world.hostileAddress, selectorOf('Refused(uint256)'))
    expect(await world.callbacks.isDelivered(jobId)).to.equal(false)
    expect((await world.mesh.jobOf(jobId)).status).to.equal(Status.paid)
    await world.hostile.setBehaviour(TAKES_IT)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.emit(world.callbacks, 'ResultDelivered')
      .withArgs(jobId, world.hostileAddress, OUTPUT_HASH)
    expect(await world.hostile.hashSeen()).to.equal(OUTPUT_HASH)
  })

  it('refuses does not stop finalizing: the provider is paid in the same call', async () => {
    const world = await loadConsumerWorld()
    const order = await answered(world, await askedByHostile(world))
    await world.hostile.setBehaviour(REFUSES)
    expect((await world.mesh.providerOf(1)).lockedWei).to.equal(BOND_WEI)
    const sent = world.callbacks.finalizeAndDeliver(order, OUTPUT)
    await expect(sent).to.emit(world.mesh, 'JobFinalized')
    await expect(sent).to.emit(world.callbacks, 'CallbackFailed')
    expect((await world.mesh.providerOf(1)).lockedWei).to.equal(0n)
  })

  it('burns its gas burns the cap and no more', async () => {
    const { world, order, jobId } = await paidHostile(BURNS_GAS)
    const sent = world.callbacks.deliver(order, OUTPUT, { gasLimit: 10_000_000 })
    await expect(sent)
      .to.emit(world.callbacks, 'CallbackFailed')
      .withArgs(jobId, world.hostileAddress, '0x00000000')
    expect(await gasOf(sent)).to.be.lessThan(CALLBACK_GAS + COURIER_GAS)
  })

  it('returns a bomb pays for it from its own cap', async () => {
    const { world, order } = await paidHostile(RETURNS_BOMB)
    const sent = world.callbacks.deliver(order, OUTPUT)
    await expect(sent).to.emit(world.callbacks, 'ResultDelivered')
    expect(await gasOf(sent)).to.be.lessThan(COURIER_GAS + 40_000n)
  })

  it('reverts with a bomb pays for it from its own cap', async () => {
    const { world, order } = await paidHostile(REVERTS_WITH_BOMB)
    const sent = world.callbacks.deliver(order, OUTPUT)
    await expect(sent).to.emit(world.callbacks, 'CallbackFailed')
    expect(await gasOf(sent)).to.be.lessThan(COURIER_GAS + 40_000n)
  })

  it('delivers to itself once more while it is called is refused', async () => {
    const { world, order } = await paidHostile(TAKES_IT)
    const data = world.callbacks.interface.encodeFunctionData('deliver', [order, OUTPUT])
    await world.hostile.arm(await world.callbacks.getAddress(), data)
    await expect(world.callbacks.deliver(order, OUTPUT)).to.emit(world.callbacks, 'ResultDelivered')
    expect(await world.hostile.callsAccepted()).to.equal(0n)
    expect(await world.hostile.callError()).to.equal(selectorOf('ReentrancyGuardReentrantCall()'))
  })

  it('finalizes and delivers another job while it is called is refused', async () => {
    const { world, order } = await paidHostile(TAKES_IT)
    const other = await answered(world, await askedByHostile(world))
    const data = world.callbacks.interface.encodeFunctionData('finalizeAndDeliver', [other, OUTPUT])
    await world.hostile.arm(await world.callbacks.getAddress(), data)
    await world.callbacks.deliver(order, OUTPUT)
    expect(await world.hostile.callError()).to.equal(selectorOf('ReentrancyGuardReentrantCall()'))
    await world.hostile.setBehaviour(TAKES_IT)
    await expect(world.callbacks.finalizeAndDeliver(other, OUTPUT)).to.emit(
      world.callbacks,
      'ResultDelivered',
    )
  })

  it('uses the mesh while it is called does what it could do at any time', async () => {
    const world = await loadConsumerWorld()
    const order = await answered(world, await askedByHostile(world))
    const next = await world.orderOf({ requester: world.hostileAddress, priceWei: 0n })
    const data = world.mesh.interface.encodeFunctionData('postJob', [next])
    await world.hostile.arm(await world.mesh.getAddress(), data)
    await expect(world.callbacks.finalizeAndDeliver(order, OUTPUT)).to.emit(
      world.callbacks,
      'ResultDelivered',
    )
    expect(await world.hostile.callsAccepted()).to.equal(1n)
    expect((await world.mesh.jobOf(world.jobIdOf(next))).status).to.equal(Status.open)
  })
})

describe('Attack: a courier that brings too little gas', () => {
  it('cannot make a callback fail: it is refused, or the consumer has all of the cap', async () => {
    const { world, order } = await paidHostile(TAKES_IT)
    const least = await leastGas(world, order)
    await expect(
      world.callbacks.deliver(order, OUTPUT, { gasLimit: least - 1n }),
    ).to.be.revertedWithCustomError(world.callbacks, 'NotEnoughGas')
    await world.callbacks.deliver(order, OUTPUT, { gasLimit: least })
    // a few hundred are gone before the consumer looks
    expect(await world.hostile.gasSeen()).to.be.within(CALLBACK_GAS - 1_000n, CALLBACK_GAS)
  })

  it('has enough left to report a callback that burnt the whole cap', async () => {
    const { world, order } = await paidHostile(TAKES_IT)
    const gasLimit = await leastGas(world, order)
    await world.hostile.setBehaviour(BURNS_GAS)
    await expect(world.callbacks.deliver(order, OUTPUT, { gasLimit })).to.emit(
      world.callbacks,
      'CallbackFailed',
    )
  })
})
