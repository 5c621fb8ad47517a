import { expect } from 'chai'
import { type AgentWorld, linkedAgent, loadAgentWorld, registerAgent, signWallet } from '../support/agents.ts'
import { connect, time } from '../support/mesh.ts'

/** Makes the owner of a provider the wallet of somebody else's agent. */
async function walletAgent(world: AgentWorld, index: number): Promise<bigint> {
  const { requester } = world
  const { owner } = world.provider(index)
  const agentId = await registerAgent(world, requester)
  const deadline = (await time.latest()) + 60
  const consent = { agentId, newWallet: owner.address, owner: requester.address, deadline }
  const signature = await signWallet(world, owner, consent)
  await connect(world.identity, requester).setAgentWallet(agentId, owner.address, deadline, signature)
  return agentId
}

async function give(world: AgentWorld, agentId: bigint, from: number, to: number): Promise<void> {
  const { owner } = world.provider(from)
  await connect(world.identity, owner).transferFrom(owner.address, world.provider(to).owner.address, agentId)
}

describe('Linking a provider with an agent', () => {
  it('names each for the other, also agent 0', async () => {
    const world = await loadAgentWorld()
    const { id, owner } = world.provider(1)
    const agentId = await registerAgent(world, owner)
    expect(agentId).to.equal(0n)
    await expect(connect(world.links, owner).link(id, agentId))
      .to.emit(world.links, 'AgentLinked')
      .withArgs(id, agentId)
    expect(await world.links.agentIdOf(id)).to.equal(agentId)
    expect(await world.links.providerIdOf(agentId)).to.equal(id)
    expect(await world.links.linkOf(id)).to.deep.equal([true, false, agentId])
  })

  it('leaves providers without a link without one, though agent 0 is linked', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world, 1)
    for (const id of [0, 1, 3, 99]) {
      expect(await world.links.linkOf(id), `provider ${id}`).to.deep.equal([false, false, 0n])
      await expect(world.links.agentIdOf(id))
        .to.be.revertedWithCustomError(world.links, 'NotLinked')
        .withArgs(id)
    }
    expect(await world.links.providerIdOf(5n)).to.equal(0n)
  })

  it('is for the owner of the provider', async () => {
    const world = await loadAgentWorld()
    const { key } = world.provider(0)
    const agentId = await registerAgent(world, key)
    await expect(connect(world.links, key).link(1, agentId))
      .to.be.revertedWithCustomError(world.links, 'NotProviderOwner')
      .withArgs(1, key.address)
  })

  it('refuses provider 0 and unknown providers', async () => {
    const world = await loadAgentWorld()
    const agentId = await registerAgent(world, world.stranger)
    for (const id of [0, 99]) {
      await expect(connect(world.links, world.stranger).link(id, agentId))
        .to.be.revertedWithCustomError(world.links, 'NotProviderOwner')
        .withArgs(id, world.stranger.address)
    }
  })

  it('is for the owner of the agent', async () => {
    const world = await loadAgentWorld()
    const agentId = await registerAgent(world, world.stranger)
    const { owner } = world.provider(0)
    await expect(connect(world.links, owner).link(1, agentId))
      .to.be.revertedWithCustomError(world.links, 'NotAgentOwner')
      .withArgs(agentId, owner.address)
  })

  it('is for the wallet of the agent too', async () => {
    const world = await loadAgentWorld()
    const agentId = await walletAgent(world, 0)
    await connect(world.links, world.provider(0).owner).link(1, agentId)
    expect(await world.links.agentIdOf(1)).to.equal(agentId)
  })

  it('is not for operators of the agent', async () => {
    const world = await loadAgentWorld()
    const { owner } = world.provider(0)
    const agentId = await registerAgent(world, world.stranger)
    await connect(world.identity, world.stranger).approve(owner.address, agentId)
    await expect(connect(world.links, owner).link(1, agentId)).to.be.revertedWithCustomError(
      world.links,
      'NotAgentOwner',
    )
  })

  it('refuses an agent that does not exist', async () => {
    const world = await loadAgentWorld()
    const { owner } = world.provider(0)
    await expect(connect(world.links, owner).link(1, 77n))
      .to.be.revertedWithCustomError(world.links, 'NotAgentOwner')
      .withArgs(77n, owner.address)
  })

  it('gives a provider one agent', async () => {
    const world = await loadAgentWorld()
    const { owner } = world.provider(0)
    const first = await linkedAgent(world)
    const second = await registerAgent(world, owner)
    for (const agentId of [first, second]) {
      await expect(connect(world.links, owner).link(1, agentId))
        .to.be.revertedWithCustomError(world.links, 'AlreadyLinked')
        .withArgs(1, first)
    }
  })

  it('gives an agent one provider, though two owners hold it as owner and as wallet', async () => {
    const world = await loadAgentWorld()
    const agentId = await walletAgent(world, 0)
    await connect(world.links, world.provider(0).owner).link(1, agentId)
    const { requester } = world
    await connect(world.identity, requester).transferFrom(
      requester.address,
      world.provider(1).owner.address,
      agentId,
    )
    // the transfer cleared the wallet: the new owner names the old one again
    const deadline = (await time.latest()) + 60
    const [newOwner, wallet] = [world.provider(1).owner, world.provider(0).owner]
    const consent = { agentId, newWallet: wallet.address, owner: newOwner.address, deadline }
    const signature = await signWallet(world, wallet, consent)
    await connect(world.identity, newOwner).setAgentWallet(agentId, wallet.address, deadline, signature)
    await expect(connect(world.links, newOwner).link(2, agentId))
      .to.be.revertedWithCustomError(world.links, 'AgentTaken')
      .withArgs(agentId, 1)
  })
})

describe('A link whose agent moved', () => {
  it('is stale and says so', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await give(world, agentId, 0, 1)
    await expect(world.links.agentIdOf(1))
      .to.be.revertedWithCustomError(world.links, 'StaleLink')
      .withArgs(1, agentId)
    expect(await world.links.providerIdOf(agentId)).to.equal(0n)
    expect(await world.links.linkOf(1)).to.deep.equal([true, true, agentId])
  })

  it('is stale when the wallet changed', async () => {
    const world = await loadAgentWorld()
    const agentId = await walletAgent(world, 0)
    await connect(world.links, world.provider(0).owner).link(1, agentId)
    await connect(world.identity, world.requester).unsetAgentWallet(agentId)
    await expect(world.links.agentIdOf(1)).to.be.revertedWithCustomError(world.links, 'StaleLink')
  })

  it('counts again when the agent comes back', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await give(world, agentId, 0, 1)
    await give(world, agentId, 1, 0)
    expect(await world.links.agentIdOf(1)).to.equal(agentId)
  })

  it('is replaced by the next owner', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await give(world, agentId, 0, 1)
    const sent = connect(world.links, world.provider(1).owner).link(2, agentId)
    await expect(sent).to.emit(world.links, 'AgentUnlinked').withArgs(1, agentId)
    await expect(sent).to.emit(world.links, 'AgentLinked').withArgs(2, agentId)
    expect(await world.links.linkOf(1)).to.deep.equal([false, false, 0n])
    expect(await world.links.providerIdOf(agentId)).to.equal(2n)
  })

  it('which was replaced leaves its provider free, and does not return with the agent', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await give(world, agentId, 0, 1)
    await connect(world.links, world.provider(1).owner).link(2, agentId)
    await give(world, agentId, 1, 0)
    expect(await world.links.linkOf(1)).to.deep.equal([false, false, 0n])
    await connect(world.links, world.provider(0).owner).link(1, agentId)
    expect(await world.links.providerIdOf(agentId)).to.equal(1n)
    expect(await world.links.linkOf(2)).to.deep.equal([false, false, 0n])
  })
})

describe('Unlinking', () => {
  it('is for the owner of the provider', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await expect(connect(world.links, world.provider(0).owner).unlink(1))
      .to.emit(world.links, 'AgentUnlinked')
      .withArgs(1, agentId)
    expect(await world.links.linkOf(1)).to.deep.equal([false, false, 0n])
    expect(await world.links.providerIdOf(agentId)).to.equal(0n)
  })

  it('is not for others while the link counts', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    await expect(connect(world.links, world.stranger).unlink(1))
      .to.be.revertedWithCustomError(world.links, 'NotProviderOwner')
      .withArgs(1, world.stranger.address)
  })

  it('is for anybody when the link is stale', async () => {
    const world = await loadAgentWorld()
    const agentId = await linkedAgent(world)
    await give(world, agentId, 0, 1)
    await connect(world.links, world.stranger).unlink(1)
    expect(await world.links.linkOf(1)).to.deep.equal([false, false, 0n])
  })

  it('needs a link', async () => {
    const world = await loadAgentWorld()
    await expect(connect(world.links, world.provider(0).owner).unlink(1))
      .to.be.revertedWithCustomError(world.links, 'NotLinked')
      .withArgs(1)
  })

  it('makes room for another agent', async () => {
    const world = await loadAgentWorld()
    await linkedAgent(world)
    await connect(world.links, world.provider(0).owner).unlink(1)
    const next = await linkedAgent(world)
    expect(await world.links.agentIdOf(1)).to.equal(next)
  })
})
