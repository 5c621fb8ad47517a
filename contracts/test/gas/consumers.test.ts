import type { ContractTransactionResponse } from 'ethers'
import { loadAgentWorld, registerAgent, requestHash } from '../support/agents.ts'
import { paidJob } from '../support/closedJobs.ts'
import { answered, asked, askedByHostile, loadConsumerWorld, OUTPUT, paid } from '../support/consumers.ts'
import { expectSnapshot } from '../support/gasSnapshot.ts'
import { connect, ethers, time } from '../support/mesh.ts'

const WEEK = 7 * 86_400
const REFUSES = 1

const measured: Record<string, bigint> = {}

/** Real transactions, 21,000 and calldata included. */
async function measure(name: string, sent: Promise<ContractTransactionResponse>): Promise<void> {
  const receipt = await (await sent).wait()
  if (!receipt) throw new Error('No receipt')
  measured[name] = receipt.gasUsed
}

describe('Gas of consumers and agents', () => {
  it('of deliveries', async () => {
    const world = await loadConsumerWorld()
    const { callbacks } = world
    await paid(world, await asked(world)) // so that treasury and earnings are not fresh
    const order = await paid(world, await asked(world))
    await measure('deliver, 69 bytes that are kept', callbacks.deliver(order, OUTPUT))
    const next = await answered(world, await asked(world))
    await measure('finalizeAndDeliver, 69 bytes that are kept', callbacks.finalizeAndDeliver(next, OUTPUT))
    const refused = await paid(world, await askedByHostile(world))
    await world.hostile.setBehaviour(REFUSES)
    await measure('deliver, refused', callbacks.deliver(refused, OUTPUT))
  })

  it('of links, validations and feedback', async () => {
    const world = await loadAgentWorld()
    const { links, validations, validator, feedback } = world
    await time.increaseTo((Math.floor((await time.latest()) / WEEK) + 1) * WEEK)
    const { owner } = world.provider(0)
    await registerAgent(world, owner) // agent 0, whose id needs no storage
    const agentId = await registerAgent(world, owner)
    await measure('link', connect(links, owner).link(1, agentId))
    await measure('unlink', connect(links, owner).unlink(1))
    await connect(links, owner).link(1, agentId)
    const orders = [await paidJob(world), await paidJob(world)] as const
    const jobId = world.jobIdOf(orders[0])
    const salt = ethers.id('salt')
    const hash = await requestHash(world, jobId, agentId, salt)
    await connect(validations, owner).validationRequest(await validator.getAddress(), agentId, '', hash)
    await measure('respond', validator.respond(jobId, salt))
    await measure('countJob, first of a requester', feedback.countJob(orders[0]))
    await measure('countJob, next of a requester', feedback.countJob(orders[1]))
    const epoch = Math.floor((await time.latest()) / WEEK)
    await time.increase(2 * WEEK)
    await measure('giveFeedback', feedback.giveFeedback(1, epoch))
  })

  it('stays within 2 % of the committed figures', async () => {
    await expectSnapshot('gas-consumers', measured)
  })
})
