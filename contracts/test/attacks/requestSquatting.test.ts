import { expect } from 'chai'
import { linkedAgent, loadAgentWorld, registerAgent, requestHash } from '../support/agents.ts'
import { paidJob } from '../support/closedJobs.ts'
import { connect, ethers } from '../support/mesh.ts'

const SALT = ethers.id('salt')

/** Provider 1 did a job; a stranger puts the hash that its agent would use into the registry first. */
async function squatted(validatorOf: (adapter: string, stranger: string) => string) {
  const world = await loadAgentWorld()
  const { stranger } = world
  const agentId = await linkedAgent(world)
  const strangersAgent = await registerAgent(world, stranger)
  const jobId = world.jobIdOf(await paidJob(world))
  const hash = await requestHash(world, jobId, agentId, SALT)
  const adapter = await world.validator.getAddress()
  const validator = validatorOf(adapter, stranger.address)
  await connect(world.validations, stranger).validationRequest(validator, strangersAgent, '', hash)
  return { world, agentId, strangersAgent, jobId, hash, validator, adapter }
}

describe('Attack: squatting the name of a validation request', () => {
  it('for an agent of its own does not give that agent the answer', async () => {
    const { world, strangersAgent, jobId, hash, validator } = await squatted((adapter) => adapter)
    await expect(world.validator.respond(jobId, SALT))
      .to.be.revertedWithCustomError(world.validator, 'WrongRequest')
      .withArgs(hash, validator, strangersAgent)
    expect((await world.validations.getSummary(strangersAgent, [], '')).count).to.equal(0n)
  })

  it('for another validator is seen', async () => {
    const { world, strangersAgent, jobId, hash, validator } = await squatted((_, stranger) => stranger)
    await expect(world.validator.respond(jobId, SALT))
      .to.be.revertedWithCustomError(world.validator, 'WrongRequest')
      .withArgs(hash, validator, strangersAgent)
  })

  it('does not stop the agent, which asks with another salt', async () => {
    const { world, agentId, jobId, adapter } = await squatted((address) => address)
    const fresh = ethers.id('a salt that nobody knew')
    const hash = await requestHash(world, jobId, agentId, fresh)
    await connect(world.validations, world.provider(0).owner).validationRequest(adapter, agentId, '', hash)
    await expect(world.validator.respond(jobId, fresh))
      .to.emit(world.validator, 'JobValidated')
      .withArgs(jobId, agentId, hash, 100)
  })
})
