import { expect } from 'chai'
import { answered, asked, loadConsumerWorld, OUTPUT, OUTPUT_HASH, paid } from '../support/consumers.ts'
import { at, connect, DISPUTE_WINDOW, ethers, PRICE_WEI, Status, time, ZERO_HASH } from '../support/mesh.ts'
import { anchor, HONEST, open, redundantOrder, roundOf } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'

const OTHER_OUTPUT = ethers.hexlify(ethers.toUtf8Bytes('forty-three ducks'))

describe('Delivering an answer', () => {
  it('brings the canonical bytes of the result to the contract that paid for them', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    const jobId = world.jobIdOf(order)
    const now = (await time.latest()) + 5
    await at(now)
    await expect(connect(world.callbacks, world.stranger).deliver(order, OUTPUT))
      .to.emit(world.callbacks, 'ResultDelivered')
      .withArgs(jobId, world.oracleAddress, OUTPUT_HASH)
    expect(await world.oracle.answerOf(jobId)).to.deep.equal([OUTPUT_HASH, BigInt(now), OUTPUT])
    expect(await world.callbacks.isDelivered(jobId)).to.equal(true)
  })

  it('answers true when the requester took it', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    expect(await world.callbacks.deliver.staticCall(order, OUTPUT)).to.equal(true)
  })

  it('happens once', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    await world.callbacks.deliver(order, OUTPUT)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'AlreadyDelivered')
      .withArgs(world.jobIdOf(order))
  })

  it('waits until the job is paid', async () => {
    const world = await loadConsumerWorld()
    const order = await answered(world, await asked(world))
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'NotPaid')
      .withArgs(world.jobIdOf(order), Status.submitted)
  })

  it('refuses other bytes', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    await expect(world.callbacks.deliver(order, OTHER_OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'WrongOutput')
      .withArgs(ethers.keccak256(OTHER_OUTPUT), BigInt(OUTPUT_HASH) >> 88n)
  })

  it('refuses no bytes', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    await expect(world.callbacks.deliver(order, '0x')).to.be.revertedWithCustomError(
      world.callbacks,
      'WrongOutput',
    )
  })

  it('refuses an order that differs from the paid one in any field', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    const changes = {
      requester: world.hostileAddress,
      coordinator: world.stranger.address,
      providerId: 1,
      kind: 1,
      mode: 1,
      seats: 3,
      priceWei: PRICE_WEI - 1n,
      bondWei: 1n,
      modelId: ZERO_HASH,
      inputHash: ZERO_HASH,
      policy: ZERO_HASH,
      nonce: 77n,
      acceptBy: order.acceptBy + 1,
      execWindow: 1,
      disputeWindow: 1,
    }
    for (const [field, value] of Object.entries(changes)) {
      await expect(world.callbacks.deliver({ ...order, [field]: value }, OUTPUT), field)
        .to.be.revertedWithCustomError(world.callbacks, 'NotPaid')
        .withArgs(world.jobIdOf({ ...order, [field]: value }), Status.none)
    }
  })

  it('is for contracts: an account without code cannot be called', async () => {
    const world = await loadConsumerWorld()
    const order = await world.orderOf()
    await connect(world.mesh, world.requester).postJob(order)
    await paid(world, order)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'NotAContract')
      .withArgs(world.requester.address)
  })

  it('brings the answer of a redundant job that was anchored', async () => {
    const world = await loadConsumerWorld()
    const order = await redundantOrder(world, { requester: world.hostileAddress, priceWei: 0n })
    const round = roundOf(world, order, [OUTPUT_HASH, OUTPUT_HASH, OUTPUT_HASH])
    await world.hostile.sign(round.jobId)
    await anchor(world, round)
    await open(world, round)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.emit(world.callbacks, 'ResultDelivered')
      .withArgs(round.jobId, world.hostileAddress, OUTPUT_HASH)
  })

  it('is not for settled orders, of which the mesh keeps no word', async () => {
    const world = await loadConsumerWorld()
    const order = await world.orderOf()
    await settle(world, order, { outputHash: OUTPUT_HASH })
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'NotPaid')
      .withArgs(world.jobIdOf(order), Status.none)
  })

  it('works after a dispute that the provider won', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const provider = connect(world.mesh, world.provider(0).key)
    await provider.acceptJob(order, 1)
    await provider.submitResult(world.jobIdOf(order), OUTPUT_HASH)
    await connect(world.mesh, world.challenger).disputeJob(order, HONEST)
    const round = roundOf(world, order, Array(3).fill(OUTPUT_HASH), { round: 2, ids: [4, 5, 6] })
    await anchor(world, round)
    await open(world, round)
    await expect(world.callbacks.deliver(order, OUTPUT)).to.emit(world.callbacks, 'ResultDelivered')
  })

  it('works after a dispute that nobody seated', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const provider = connect(world.mesh, world.provider(0).key)
    await provider.acceptJob(order, 1)
    await provider.submitResult(world.jobIdOf(order), OUTPUT_HASH)
    await connect(world.mesh, world.challenger).disputeJob(order, HONEST)
    await time.increase(2 * order.execWindow + 1)
    await world.mesh.expireJob(order)
    await expect(world.callbacks.deliver(order, OUTPUT)).to.emit(world.callbacks, 'ResultDelivered')
  })
})

describe('Finalizing and delivering at once', () => {
  it('pays the provider and brings the answer', async () => {
    const world = await loadConsumerWorld()
    const order = await answered(world, await asked(world))
    const sent = connect(world.callbacks, world.stranger).finalizeAndDeliver(order, OUTPUT)
    await expect(sent).to.emit(world.mesh, 'JobFinalized')
    await expect(sent).to.emit(world.callbacks, 'ResultDelivered')
    expect((await world.mesh.jobOf(world.jobIdOf(order))).status).to.equal(Status.paid)
  })

  it('delivers when somebody else finalized a moment before', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    await expect(world.callbacks.finalizeAndDeliver(order, OUTPUT)).to.emit(
      world.callbacks,
      'ResultDelivered',
    )
  })

  it('is possible from the second after the dispute window on', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const provider = connect(world.mesh, world.provider(0).key)
    await provider.acceptJob(order, 1)
    await provider.submitResult(world.jobIdOf(order), OUTPUT_HASH)
    const last = (await time.latest()) + DISPUTE_WINDOW
    await at(last)
    await expect(world.callbacks.finalizeAndDeliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.mesh, 'TooEarly')
      .withArgs(last)
    await at(last + 1)
    await expect(world.callbacks.finalizeAndDeliver(order, OUTPUT)).to.emit(
      world.callbacks,
      'ResultDelivered',
    )
  })

  it('refuses a job without a result', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    await expect(world.callbacks.finalizeAndDeliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'NotPaid')
      .withArgs(world.jobIdOf(order), Status.open)
  })

  it('finalizes nothing with wrong bytes, and the job is finalized without them', async () => {
    const world = await loadConsumerWorld()
    const order = await answered(world, await asked(world))
    await expect(world.callbacks.finalizeAndDeliver(order, OTHER_OUTPUT)).to.be.revertedWithCustomError(
      world.callbacks,
      'WrongOutput',
    )
    await expect(world.mesh.finalizeJob(order)).to.emit(world.mesh, 'JobFinalized')
  })
})
