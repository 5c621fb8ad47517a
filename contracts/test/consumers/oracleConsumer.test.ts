import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import {
  answered,
  asked,
  type ConsumerWorld,
  loadConsumerWorld,
  ORACLE_FUNDS_WEI,
  OUTPUT,
  OUTPUT_HASH,
  paid,
} from '../support/consumers.ts'
import {
  BOND_WEI,
  connect,
  DUCK,
  EXEC_WINDOW,
  ethers,
  PRICE_WEI,
  Status,
  time,
  ZERO_HASH,
} from '../support/mesh.ts'
import { anchor, HONEST, open, roundOf } from '../support/redundant.ts'

const NO_ANSWER = [ZERO_HASH, 0n, '0x']

const freeOfOracle = ({ mesh, oracleAddress }: ConsumerWorld) => mesh.accountOf(oracleAddress)

describe('A contract that buys answers', () => {
  it('asks, is served, and has its answer and its change', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const jobId = world.jobIdOf(order)
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI - PRICE_WEI)
    await expectConserved(world, { escrowWei: PRICE_WEI }, [world.oracleAddress])
    await answered(world, order)
    await world.callbacks.finalizeAndDeliver(order, OUTPUT)
    const answer = await world.oracle.answerOf(jobId)
    expect([answer.outputHash, answer.output]).to.deep.equal([OUTPUT_HASH, OUTPUT])
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI - PRICE_WEI)
    await expectConserved(world, {}, [world.oracleAddress])
  })

  it('asks for its owner only', async () => {
    const world = await loadConsumerWorld()
    const order = await world.orderOf({ requester: world.oracleAddress })
    await expect(connect(world.oracle, world.stranger).ask(order))
      .to.be.revertedWithCustomError(world.oracle, 'NotOwner')
      .withArgs(world.stranger.address)
  })

  it('posts no order of somebody else', async () => {
    const world = await loadConsumerWorld()
    const order = await world.orderOf()
    await expect(connect(world.oracle, world.requester).ask(order))
      .to.be.revertedWithCustomError(world.mesh, 'NotRequester')
      .withArgs(world.requester.address, world.oracleAddress)
  })

  const undisputable = {
    'without a coordinator': { coordinator: ethers.ZeroAddress },
    'without a bond': { bondWei: 0n },
    'with a dispute window of a second too little': { disputeWindow: 599 },
  }
  for (const [what, terms] of Object.entries(undisputable)) {
    it(`buys nothing ${what}`, async () => {
      const world = await loadConsumerWorld()
      await expect(asked(world, terms)).to.be.revertedWithCustomError(world.oracle, 'Undisputable')
    })
  }

  it('buys with the shortest window it allows', async () => {
    const world = await loadConsumerWorld()
    await expect(asked(world, { disputeWindow: 600 })).to.not.be.revert(ethers)
  })

  it('believes nobody but its courier', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const call = [world.jobIdOf(order), OUTPUT_HASH, OUTPUT]
    await expect(connect(world.oracle, world.requester).onJobResult(...call))
      .to.be.revertedWithCustomError(world.oracle, 'NotCourier')
      .withArgs(world.requester.address)
  })

  it('keeps an answer of 512 bytes, and has not the gas to keep one of 1,024', async () => {
    const world = await loadConsumerWorld()
    for (const [bytes, event] of [
      [512, 'ResultDelivered'],
      [1_024, 'CallbackFailed'],
    ] as const) {
      const output = ethers.hexlify(new Uint8Array(bytes).fill(0x61))
      const order = await answered(world, await asked(world), ethers.keccak256(output))
      const sent = world.callbacks.finalizeAndDeliver(order, output)
      await expect(sent).to.emit(world.callbacks, event)
      await expect(sent).to.emit(world.mesh, 'JobFinalized')
    }
  })

  it('pays the provider before any delivery, and without one', async () => {
    const world = await loadConsumerWorld()
    const order = await paid(world, await asked(world))
    expect((await world.mesh.jobOf(world.jobIdOf(order))).status).to.equal(Status.paid)
    expect(await world.oracle.answerOf(world.jobIdOf(order))).to.deep.equal(NO_ANSWER)
  })
})

describe('The money of a contract that buys answers', () => {
  it('comes from its owner only', async () => {
    const world = await loadConsumerWorld()
    await expect(connect(world.oracle, world.stranger).fund(DUCK))
      .to.be.revertedWithCustomError(world.oracle, 'NotOwner')
      .withArgs(world.stranger.address)
  })

  it('comes back when it cancels', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    await connect(world.oracle, world.requester).cancel(order)
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI)
  })

  it('is not cancelled by strangers', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    await expect(connect(world.oracle, world.stranger).cancel(order))
      .to.be.revertedWithCustomError(world.oracle, 'NotOwner')
      .withArgs(world.stranger.address)
  })

  it('comes back through anybody when nobody accepted', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    await time.increaseTo(order.acceptBy + 1)
    await connect(world.mesh, world.stranger).expireJob(order)
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI)
  })

  it('comes back through anybody, with half of the bond, when the provider is late', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    await connect(world.mesh, world.provider(0).key).acceptJob(order, 1)
    await time.increase(EXEC_WINDOW + 1)
    await connect(world.mesh, world.stranger).expireJob(order)
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI + BOND_WEI / 2n)
    await expectConserved(world, {}, [world.oracleAddress])
  })

  it('comes back when the answer was disputed and wrong, which is then never delivered', async () => {
    const world = await loadConsumerWorld()
    const order = await asked(world)
    const provider = connect(world.mesh, world.provider(0).key)
    await provider.acceptJob(order, 1)
    await provider.submitResult(world.jobIdOf(order), OUTPUT_HASH)
    await connect(world.mesh, world.challenger).disputeJob(order, HONEST)
    const round = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: [4, 5, 6] })
    await anchor(world, round)
    await open(world, round)
    expect(await freeOfOracle(world)).to.equal(ORACLE_FUNDS_WEI)
    await expect(world.callbacks.deliver(order, OUTPUT))
      .to.be.revertedWithCustomError(world.callbacks, 'NotPaid')
      .withArgs(world.jobIdOf(order), Status.refunded)
    expect(await world.oracle.answerOf(world.jobIdOf(order))).to.deep.equal(NO_ANSWER)
  })

  it('goes where its owner sends it, to the last wei', async () => {
    const world = await loadConsumerWorld()
    const { oracle, requester, treasury, token } = world
    await connect(oracle, requester).withdraw(ORACLE_FUNDS_WEI, treasury.address)
    expect(await token.balanceOf(treasury.address)).to.equal(ORACLE_FUNDS_WEI)
    expect(await freeOfOracle(world)).to.equal(0n)
    expect(await token.balanceOf(world.oracleAddress)).to.equal(0n)
  })

  it('goes nowhere for strangers', async () => {
    const world = await loadConsumerWorld()
    await expect(connect(world.oracle, world.stranger).withdraw(1n, world.stranger.address))
      .to.be.revertedWithCustomError(world.oracle, 'NotOwner')
      .withArgs(world.stranger.address)
  })
})
