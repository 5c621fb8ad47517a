import { expect } from 'chai'
import {
  type AgentWorld,
  linkedAgent,
  loadAgentWorld,
  registerAgent,
  requestHash,
} from '../support/agents.ts'
import { judgedJob, lateJob, paidJob } from '../support/closedJobs.ts'
import { connect, ethers, Status, time, ZERO_HASH } from '../support/mesh.ts'
import { anchor, HONEST, open, redundantOrder, roundOf, WRONG } from '../support/redundant.ts'
import { settle } from '../support/settling.ts'
import { accepted, post, submitted } from '../support/signedLane.ts'
import type { Order } from '../support/typedData.ts'

const SALT = ethers.id('salt')
/** What the mesh keeps of an output hash. */
const keptOf = (hash: string) => `${hash.slice(0, 44)}${'00'.repeat(11)}`

/** The owner of provider 1 asks the adapter about a job of its agent. */
async function asked(world: AgentWorld, order: Order, agentId: bigint, salt = SALT) {
  const jobId = world.jobIdOf(order)
  const hash = await requestHash(world, jobId, agentId, salt)
  const { owner } = world.provider(0)
  await connect(world.validations, owner).validationRequest(
    await world.validator.getAddress(),
    agentId,
    'https://provider.example/job',
    hash,
  )
  return { jobId, hash }
}

const answersOf = (world: AgentWorld) =>
  world.validations.queryFilter(world.validations.filters.ValidationResponse?.() ?? 'ValidationResponse')

describe('Validating a job', () => {
  const endings = {
    'paid job with 100': { close: paidJob, response: 100, kept: keptOf(HONEST) },
    'late job with 0': { close: lateJob, response: 0, kept: ZERO_HASH },
    'job whose dispute was lost with 0': { close: judgedJob, response: 0, kept: keptOf(WRONG) },
    'job whose dispute was won with 100': {
      close: (world: AgentWorld) => judgedJob(world, HONEST, HONEST),
      response: 100,
      kept: keptOf(HONEST),
    },
  }
  for (const [what, { close, response, kept }] of Object.entries(endings)) {
    it(`answers a ${what}`, async () => {
      const world = await loadAgentWorld()
      const agentId = await linkedAgent(world)
      const { jobId, hash } = await asked(world, await close(world), agentId)
      const sent = connect(world.validator, world.stranger).respond(jobId, SALT)
      await expect(sent).to.emit(world.validator, 'JobValidated').withArgs(jobId, agentId, hash, response)
      await expect(sent)
        .to.emit(world.validations, 'ValidationResponse')
        .withArgs(await world.validator.getAddress(), agentId, hash, response, '', kept, 'duckmesh')
      const status = await world.validations.getValidationStatus(hash)
      expect(status.slice(0, 5)).to.deep.equal([
        await world.validator.getAddress(),
        agentId,
        BigInt(response),
        kept,
        'duckmesh',
      ])
      expect(await world.validator.answeredRequestOf(jobId)).to.equal(hash)
    })
  }

  it('derives the name of a request from mesh, job, agent and salt', async () => {
    const world = await loadAgentWorld()
    const jobId = ethers.id('job')
    expect(await world.validator.requestHashOf(jobId, 7n, SALT)).to.equal(
      await requestHash(world, jobId, 7n, SALT),
    )
  })

  it('changes nothing the second time, not even the time of the answer', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    const { jobId, hash } = await asked(world, await paidJob(world), agentId)
    await world.validator.respond(jobId, SALT)
    const before = await world.validations.getValidationStatus(hash)
    await time.increase(1_000)
    expect(await world.validator.respond.staticCall(jobId, SALT)).to.equal(100n)
    await world.validator.respond(jobId, SALT)
    expect(await world.validations.getValidationStatus(hash)).to.deep.equal(before)
    expect(await answersOf(world)).to.have.length(1)
  })

  it('answers one request for one job: not the next of the same agent', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    const order = await paidJob(world)
    const { jobId, hash } = await asked(world, order, agentId)
    const other = ethers.id('other salt')
    await asked(world, order, agentId, other)
    await world.validator.respond(jobId, SALT)
    await expect(world.validator.respond(jobId, other))
      .to.be.revertedWithCustomError(world.validator, 'AlreadyAnswered')
      .withArgs(jobId, hash)
  })

  it('does not let one job speak for two agents, one after the other', async () => {
    const world = await loadAgentWorld()
    const { owner } = world.provider(0)
    const order = await paidJob(world)
    const { jobId, hash } = await asked(world, order, await linkedAgent(world))
    await world.validator.respond(jobId, SALT)
    await connect(world.links, owner).unlink(1)
    await asked(world, order, await linkedAgent(world))
    await expect(world.validator.respond(jobId, SALT))
      .to.be.revertedWithCustomError(world.validator, 'AlreadyAnswered')
      .withArgs(jobId, hash)
  })

  const running = {
    'an unknown': { make: (world: AgentWorld) => world.orderOf(), status: Status.none },
    'an open': { make: (world: AgentWorld) => post(world), status: Status.open },
    'an accepted': { make: (world: AgentWorld) => accepted(world), status: Status.active },
    'a submitted': {
      make: async (world: AgentWorld) => (await submitted(world)).order,
      status: Status.submitted,
    },
  }
  for (const [what, { make, status }] of Object.entries(running)) {
    it(`says nothing about ${what} job`, async () => {
      const world = await loadAgentWorld()
      await linkedAgent(world)
      const jobId = world.jobIdOf(await make(world))
      await expect(world.validator.respond(jobId, SALT))
        .to.be.revertedWithCustomError(world.validator, 'NoVerdict')
        .withArgs(jobId, status)
    })
  }

  it('says nothing about a disputed job', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    const { order } = await submitted(world)
    await connect(world.mesh, world.challenger).disputeJob(order, WRONG)
    await expect(world.validator.respond(world.jobIdOf(order), SALT))
      .to.be.revertedWithCustomError(world.validator, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.disputed)
  })

  it('says nothing about a cancelled job', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    const order = await post(world)
    await connect(world.mesh, world.requester).cancelJob(order)
    await expect(world.validator.respond(world.jobIdOf(order), SALT))
      .to.be.revertedWithCustomError(world.validator, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.refunded)
  })

  it('says nothing about a redundant job, whose word names no provider', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    const round = roundOf(world, await redundantOrder(world), [HONEST, HONEST, HONEST])
    await anchor(world, round)
    await open(world, round)
    await expect(world.validator.respond(round.jobId, SALT))
      .to.be.revertedWithCustomError(world.validator, 'NoVerdict')
      .withArgs(round.jobId, Status.paid)
  })

  it('says nothing about a settled order, of which the mesh keeps no word', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    const order = await world.orderOf()
    await settle(world, order)
    await expect(world.validator.respond(world.jobIdOf(order), SALT))
      .to.be.revertedWithCustomError(world.validator, 'NoVerdict')
      .withArgs(world.jobIdOf(order), Status.none)
  })

  it('needs a link', async () => {
    const world = await loadAgentWorld()
    const order = await paidJob(world)
    await expect(world.validator.respond(world.jobIdOf(order), SALT))
      .to.be.revertedWithCustomError(world.links, 'NotLinked')
      .withArgs(1)
  })

  it('needs a link that is not stale', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    const { jobId } = await asked(world, await paidJob(world), agentId)
    const { owner } = world.provider(0)
    await connect(world.identity, owner).transferFrom(owner.address, world.stranger.address, agentId)
    await expect(world.validator.respond(jobId, SALT))
      .to.be.revertedWithCustomError(world.links, 'StaleLink')
      .withArgs(1, agentId)
  })

  it('needs a request', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    const jobId = world.jobIdOf(await paidJob(world))
    await expect(world.validator.respond(jobId, SALT))
      .to.be.revertedWithCustomError(world.validations, 'UnknownRequest')
      .withArgs(await requestHash(world, jobId, agentId, SALT))
  })

  it('waits for a request that comes later', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    const order = await paidJob(world)
    await expect(world.validator.respond(world.jobIdOf(order), SALT)).to.be.revert(ethers)
    const { jobId } = await asked(world, order, agentId)
    await expect(world.validator.respond(jobId, SALT)).to.emit(world.validator, 'JobValidated')
  })
})

describe('The agent of another provider', () => {
  it('cannot have the answer about a job that it did not do', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    const { owner } = world.provider(1)
    const other = await registerAgent(world, owner)
    await connect(world.links, owner).link(2, other)
    const jobId = world.jobIdOf(await paidJob(world))
    const hash = await requestHash(world, jobId, other, SALT)
    const validator = await world.validator.getAddress()
    await connect(world.validations, owner).validationRequest(validator, other, '', hash)
    await expect(world.validator.respond(jobId, SALT)).to.be.revertedWithCustomError(
      world.validations,
      'UnknownRequest',
    )
  })
})
