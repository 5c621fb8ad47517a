import { expect } from 'chai'
import { expectConserved } from '../support/conservation.ts'
import { netOf } from '../support/fees.ts'
import {
  at,
  BOND_WEI,
  connect,
  DEPOSIT_WEI,
  DISPUTE_WINDOW,
  EXEC_WINDOW,
  ethers,
  loadWorld,
  PRICE_WEI,
  STAKE_WEI,
  Status,
  time,
} from '../support/mesh.ts'
import { anchor, HONEST, open, roundOf, WRONG } from '../support/redundant.ts'
import { accepted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'
import {
  inputOf,
  loadVerified,
  Mode,
  POLICY,
  proofOf,
  routerOf,
  verifiedOrder,
  working,
} from '../support/verified.ts'
import { REFERENCE } from '../support/verifiers.ts'

/** A job that provider 1 works on, with a valid proof of its result. */
async function proving(overrides: Partial<Order> = {}) {
  const verified = await loadVerified()
  const { world, mesh } = verified
  const order = await working(world, overrides)
  const dueAt = (await time.latest()) + EXEC_WINDOW
  const proof = await proofOf(verified, order)
  const { key, owner } = world.provider(0)
  return { ...verified, mesh, order, jobId: world.jobIdOf(order), dueAt, proof, key, owner }
}

/** A job of mode reference that provider 1 submitted. */
async function submitted(output = HONEST) {
  const context = await proving({ mode: Mode.reference })
  await connect(context.mesh, context.key).submitResult(context.jobId, output)
  return { ...context, submittedAt: await time.latest() }
}

describe('Delivering with a proof', () => {
  for (const mode of [Mode.reference, Mode.attested, Mode.proof]) {
    it(`pays at once in mode ${mode}`, async () => {
      const { world, mesh, order, jobId, proof, key, owner } = await proving({ mode })
      await expect(connect(mesh, key).submitProof(order, HONEST, proof))
        .to.emit(mesh, 'JobCompleted')
        .withArgs(jobId, 1, HONEST)
        .and.to.emit(mesh, 'JobFinalized')
        .withArgs(jobId, 1, PRICE_WEI, 0)
      const job = await mesh.jobOf(jobId)
      expect([job.status, job.providerId, job.tag]).to.deep.equal([Status.paid, 1n, BigInt(HONEST) >> 88n])
      expect(await world.freeOf(owner)).to.equal(DEPOSIT_WEI - STAKE_WEI + netOf(PRICE_WEI))
      expect((await mesh.providerOf(1)).lockedWei).to.equal(0n)
      await expectConserved(world)
    })
  }

  it('asks the verifier about this job, this provider and the whole request', async () => {
    const { mesh, verifier, order, jobId, proof, key } = await proving()
    const sent = await connect(mesh, key).submitProof(order, HONEST, proof)
    const logs = await verifier.queryFilter('VerificationCompleted', sent.blockNumber ?? undefined)
    const [log] = logs
    if (!log || !('args' in log)) throw new Error('The verifier was not asked')
    expect(logs).to.have.length(1)
    const { taskId, agentId, inputHash, outputHash, valid } = log.args
    expect([taskId, BigInt(agentId), inputHash, outputHash, valid]).to.deep.equal([
      jobId,
      1n,
      inputOf(order),
      HONEST,
      true,
    ])
  })

  it('serves owner and key of the provider only', async () => {
    const { world, mesh, order, proof, owner } = await proving()
    for (const caller of [world.stranger, world.provider(1).key, world.requester]) {
      await expect(connect(mesh, caller).submitProof(order, HONEST, proof))
        .to.be.revertedWithCustomError(mesh, 'NotProvider')
        .withArgs(1, caller.address)
    }
    await connect(mesh, owner).submitProof(order, HONEST, proof)
  })

  it('is possible up to the due second', async () => {
    const first = await proving()
    await at(first.dueAt)
    await connect(first.mesh, first.key).submitProof(first.order, HONEST, first.proof)
    const { mesh, order, proof, key, dueAt } = await proving()
    await at(dueAt + 1)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'Expired')
      .withArgs(dueAt)
  })

  it('with a wrong proof changes nothing, and the right one may follow', async () => {
    const { world, mesh, order, jobId, proof, key } = await proving()
    const flipped = `${proof.slice(0, -2)}${proof.endsWith('00') ? '01' : '00'}`
    for (const wrong of ['0x', ethers.id('noise'), flipped]) {
      await expect(connect(mesh, key).submitProof(order, HONEST, wrong))
        .to.be.revertedWithCustomError(mesh, 'BadProof')
        .withArgs(jobId, 1)
    }
    await expect(connect(mesh, key).submitProof(order, WRONG, proof))
      .to.be.revertedWithCustomError(mesh, 'BadProof')
      .withArgs(jobId, 1)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.active)
    await expectConserved(world, { escrowWei: PRICE_WEI, lockedWei: BOND_WEI })
    await connect(mesh, key).submitProof(order, HONEST, proof)
  })

  it('goes to the verifier that the order names: another selector is unknown there', async () => {
    const { mesh, verifier, order, proof, key } = await proving({ policy: ethers.id('another policy') })
    const router = await routerOf(verifier)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(router, 'VerifierUnknown')
      .withArgs(ethers.dataSlice(order.policy, 0, 4))
  })

  it('happens once', async () => {
    const { mesh, order, jobId, proof, key } = await proving()
    await connect(mesh, key).submitProof(order, HONEST, proof)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(jobId, Status.paid)
  })

  it('means nothing for a job that nobody works on', async () => {
    const { world, mesh, proof, key } = await proving()
    const unknown = await verifiedOrder(world)
    await expect(connect(mesh, key).submitProof(unknown, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(world.jobIdOf(unknown), Status.none)
    await connect(mesh, world.requester).postJob(unknown)
    await expect(connect(mesh, key).submitProof(unknown, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(world.jobIdOf(unknown), Status.open)
  })

  it('serves no mode without a verifier', async () => {
    const { world, mesh, key, ...rest } = await proving()
    const order = await accepted(world, { policy: POLICY })
    const proof = await proofOf({ world, verifier: rest.verifier }, order)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
      .withArgs(Mode.signed)
  })

  it('by who took the job over pays that provider', async () => {
    const { world, mesh, order, jobId, dueAt, proof, ...rest } = await proving()
    const { key } = world.provider(1)
    await at(dueAt + 1)
    await connect(mesh, key).takeOverJob(order, 2)
    await expect(connect(mesh, key).submitResult(jobId, HONEST))
      .to.be.revertedWithCustomError(mesh, 'ProofRequired')
      .withArgs(jobId)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadProof')
      .withArgs(jobId, 2)
    const own = await proofOf({ world, verifier: rest.verifier }, order, 2)
    await connect(mesh, key).submitProof(order, HONEST, own)
    expect((await mesh.jobOf(jobId)).providerId).to.equal(2n)
    await expectConserved(world)
  })
})

describe('A job that only a proof delivers', () => {
  for (const mode of [Mode.attested, Mode.proof]) {
    it(`refuses a bare result in mode ${mode}, and so has no dispute`, async () => {
      const { world, mesh, order, jobId, key } = await proving({ mode })
      await expect(connect(mesh, key).submitResult(jobId, HONEST))
        .to.be.revertedWithCustomError(mesh, 'ProofRequired')
        .withArgs(jobId)
      await expect(connect(mesh, world.challenger).disputeJob(order, WRONG))
        .to.be.revertedWithCustomError(mesh, 'BadState')
        .withArgs(jobId, Status.active)
    })
  }

  it('costs nobody anything when its verifier was taken out of service', async () => {
    const { world, mesh, verifier, order, jobId, proof, key, dueAt } = await proving()
    const [, , guardian] = await ethers.getSigners()
    const router = await routerOf(verifier)
    await connect(router, guardian ?? key).getFunction('tombstone')(REFERENCE)
    await expect(connect(mesh, key).submitProof(order, HONEST, proof)).to.be.revertedWithCustomError(
      router,
      'VerifierTombstoned',
    )
    await at(dueAt + 1)
    await expect(connect(mesh, world.provider(1).key).takeOverJob(order, 2))
      .to.be.revertedWithCustomError(mesh, 'VerifierGone')
      .withArgs(jobId, REFERENCE)
    await mesh.expireJob(order)
    expect((await mesh.jobOf(jobId)).status).to.equal(Status.refunded)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    expect((await mesh.providerOf(1)).stakedWei).to.equal(STAKE_WEI)
    await expectConserved(world)
  })

  it('expires like any other when no proof comes', async () => {
    const { world, mesh, order, dueAt } = await proving()
    await at(dueAt + 1)
    await mesh.expireJob(order)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI + BOND_WEI / 2n)
    await expectConserved(world)
  })
})

describe("The validators' verdict on a submitted result", () => {
  it('ends the dispute window at once, whoever brings it', async () => {
    const { world, mesh, order, jobId, proof } = await submitted()
    await expect(connect(mesh, world.stranger).submitProof(order, HONEST, proof))
      .to.emit(mesh, 'JobFinalized')
      .withArgs(jobId, 1, PRICE_WEI, 0)
      .and.to.not.emit(mesh, 'JobCompleted')
    expect((await mesh.jobOf(jobId)).tag).to.equal(BigInt(HONEST) >> 88n)
    await expectConserved(world)
  })

  it('about another output says nothing about the submitted one', async () => {
    const { world, mesh, verifier, order, jobId } = await submitted()
    const other = await proofOf({ world, verifier }, order, 1, WRONG)
    await expect(mesh.submitProof(order, WRONG, other))
      .to.be.revertedWithCustomError(mesh, 'OtherOutput')
      .withArgs(jobId, WRONG)
    await expect(mesh.submitProof(order, HONEST, other))
      .to.be.revertedWithCustomError(mesh, 'BadProof')
      .withArgs(jobId, 1)
  })

  it('counts also after the dispute window, when nobody finalized', async () => {
    const { world, mesh, order, proof, submittedAt } = await submitted()
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await mesh.submitProof(order, HONEST, proof)
    await expectConserved(world)
  })

  it('comes too late for a disputed result: the seats decide then', async () => {
    const { world, mesh, order, jobId, proof } = await submitted(WRONG)
    await connect(mesh, world.challenger).disputeJob(order, HONEST)
    await expect(mesh.submitProof(order, HONEST, proof))
      .to.be.revertedWithCustomError(mesh, 'BadState')
      .withArgs(jobId, Status.disputed)
    const judges = roundOf(world, order, [HONEST, HONEST, HONEST], { round: 2, ids: [4, 5, 6] })
    await anchor(world, judges)
    await expect(open(world, judges)).to.emit(mesh, 'DisputeResolved').withArgs(jobId, true)
    expect(await world.freeOf(world.requester)).to.equal(DEPOSIT_WEI)
    await expectConserved(world)
  })

  it('is not needed: without one the result stands after the dispute window', async () => {
    const { world, mesh, order, submittedAt } = await submitted()
    await at(submittedAt + DISPUTE_WINDOW + 1)
    await mesh.finalizeJob(order)
    await expectConserved(world)
  })
})

describe('Modes with a verifier', () => {
  it('are posted where the mesh has one', async () => {
    const { world, mesh, verifier } = await loadVerified()
    expect(await mesh.getAgentVerifier()).to.equal(await verifier.getAddress())
    const market = connect(mesh, world.requester)
    for (const mode of [Mode.reference, Mode.attested, Mode.proof]) {
      await market.postJob(await verifiedOrder(world, { mode }))
    }
    for (const mode of [Mode.redundant, 5, 255]) {
      await expect(market.postJob(await verifiedOrder(world, { mode })))
        .to.be.revertedWithCustomError(mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
  })

  it('are refused where it has none', async () => {
    const world = await loadWorld()
    expect(await world.mesh.getAgentVerifier()).to.equal(ethers.ZeroAddress)
    for (const mode of [Mode.reference, Mode.attested, Mode.proof]) {
      await expect(connect(world.mesh, world.requester).postJob(await verifiedOrder(world, { mode })))
        .to.be.revertedWithCustomError(world.mesh, 'UnsupportedMode')
        .withArgs(mode)
    }
  })
})
