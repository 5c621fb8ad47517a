import { expect } from 'chai'
import { type AgentWorld, loadAgentWorld, registerAgent, signWallet } from '../support/agents.ts'
import { at, connect, ethers, time } from '../support/mesh.ts'

const URI = 'https://provider.example/agent.json'
const CONSENT_SECONDS = 300

async function withAgent() {
  const world = await loadAgentWorld()
  const agentId = await registerAgent(world, world.requester)
  return { world, agentId, identity: connect(world.identity, world.requester) }
}

/** Arguments of setAgentWallet: the stranger consents to be the wallet of the requester's agent. */
async function consent(
  world: AgentWorld,
  agentId: bigint,
  { signer = world.stranger, deadline = 0, owner = world.requester.address } = {},
) {
  const until = deadline || (await time.latest()) + 60
  const newWallet = world.stranger.address
  const signature = await signWallet(world, signer, { agentId, newWallet, owner, deadline: until })
  return [agentId, newWallet, until, signature] as const
}

describe('Registering an agent', () => {
  it('gives the caller the next token, whose wallet it is', async () => {
    const { world, agentId } = await withAgent()
    expect(agentId).to.equal(0n)
    expect(await world.identity.ownerOf(0n)).to.equal(world.requester.address)
    expect(await world.identity.getAgentWallet(0n)).to.equal(world.requester.address)
    expect(await world.identity.tokenURI(0n)).to.equal('')
    expect(await registerAgent(world, world.stranger)).to.equal(1n)
  })

  it('keeps URI and metadata', async () => {
    const world = await loadAgentWorld()
    const register = connect(world.identity, world.requester).getFunction('register(string,(string,bytes)[])')
    const sent = register(URI, [{ metadataKey: 'kind', metadataValue: '0x01' }])
    await expect(sent).to.emit(world.identity, 'Registered').withArgs(0n, URI, world.requester.address)
    await expect(sent)
      .to.emit(world.identity, 'MetadataSet')
      .withArgs(0n, 'agentWallet', 'agentWallet', world.requester.address.toLowerCase())
    await expect(sent).to.emit(world.identity, 'MetadataSet').withArgs(0n, 'kind', 'kind', '0x01')
    expect(await world.identity.tokenURI(0n)).to.equal(URI)
    expect(await world.identity.getMetadata(0n, 'kind')).to.equal('0x01')
  })

  it('takes a URI alone', async () => {
    const world = await loadAgentWorld()
    await world.identity.getFunction('register(string)')(URI)
    expect(await world.identity.tokenURI(0n)).to.equal(URI)
  })

  it('refuses the reserved key', async () => {
    const world = await loadAgentWorld()
    const register = world.identity.getFunction('register(string,(string,bytes)[])')
    await expect(
      register(URI, [{ metadataKey: 'agentWallet', metadataValue: '0x01' }]),
    ).to.be.revertedWithCustomError(world.identity, 'ReservedKey')
  })
})

describe('Changing an agent', () => {
  it('replaces URI and metadata', async () => {
    const { world, agentId, identity } = await withAgent()
    await expect(identity.setAgentURI(agentId, URI))
      .to.emit(identity, 'URIUpdated')
      .withArgs(agentId, URI, world.requester.address)
    await identity.setMetadata(agentId, 'kind', '0x02')
    expect(await identity.tokenURI(agentId)).to.equal(URI)
    expect(await identity.getMetadata(agentId, 'kind')).to.equal('0x02')
  })

  it('is for operators too', async () => {
    const { world, agentId, identity } = await withAgent()
    await identity.approve(world.stranger.address, agentId)
    await connect(identity, world.stranger).setAgentURI(agentId, URI)
    expect(await identity.tokenURI(agentId)).to.equal(URI)
  })

  it('is for nobody else', async () => {
    const { world, agentId } = await withAgent()
    const stranger = connect(world.identity, world.stranger)
    const calls = [
      stranger.setAgentURI(agentId, URI),
      stranger.setMetadata(agentId, 'kind', '0x02'),
      stranger.unsetAgentWallet(agentId),
      stranger.setAgentWallet(...(await consent(world, agentId))),
    ]
    for (const call of calls) {
      await expect(call)
        .to.be.revertedWithCustomError(world.identity, 'NotOperator')
        .withArgs(agentId, world.stranger.address)
    }
  })

  it('does not reach the wallet through metadata', async () => {
    const { agentId, identity } = await withAgent()
    await expect(identity.setMetadata(agentId, 'agentWallet', '0x01')).to.be.revertedWithCustomError(
      identity,
      'ReservedKey',
    )
  })
})

describe('The wallet of an agent', () => {
  it('is named with its consent', async () => {
    const { world, agentId, identity } = await withAgent()
    await identity.setAgentWallet(...(await consent(world, agentId)))
    expect(await identity.getAgentWallet(agentId)).to.equal(world.stranger.address)
    expect(await identity.getMetadata(agentId, 'agentWallet')).to.equal(world.stranger.address.toLowerCase())
  })

  it('can be a contract that accepts the signature', async () => {
    const { world, agentId, identity } = await withAgent()
    const wallet = await (await ethers.deployContract('ContractWallet', world.stranger)).getAddress()
    const deadline = (await time.latest()) + 60
    const owner = world.requester.address
    const signature = await signWallet(world, world.stranger, { agentId, newWallet: wallet, owner, deadline })
    await identity.setAgentWallet(agentId, wallet, deadline, signature)
    expect(await identity.getAgentWallet(agentId)).to.equal(wallet)
  })

  it('is not named without its consent', async () => {
    const { world, agentId, identity } = await withAgent()
    await expect(identity.setAgentWallet(...(await consent(world, agentId, { signer: world.requester }))))
      .to.be.revertedWithCustomError(identity, 'BadWalletSignature')
      .withArgs(world.stranger.address)
  })

  it('consents to one owner only', async () => {
    const { world, agentId, identity } = await withAgent()
    const args = await consent(world, agentId, { owner: world.treasury.address })
    await expect(identity.setAgentWallet(...args)).to.be.revertedWithCustomError(
      identity,
      'BadWalletSignature',
    )
  })

  it('consents until the deadline, to the second', async () => {
    const { world, agentId, identity } = await withAgent()
    const deadline = (await time.latest()) + 100
    const args = await consent(world, agentId, { deadline })
    await at(deadline)
    await identity.setAgentWallet(...args)
    await at(deadline + 1)
    await expect(identity.setAgentWallet(...args))
      .to.be.revertedWithCustomError(identity, 'BadDeadline')
      .withArgs(deadline)
  })

  it('consents for five minutes at most', async () => {
    const { world, agentId, identity } = await withAgent()
    const deadline = (await time.latest()) + 1_000
    const args = await consent(world, agentId, { deadline })
    await at(deadline - CONSENT_SECONDS - 1)
    await expect(identity.setAgentWallet(...args))
      .to.be.revertedWithCustomError(identity, 'BadDeadline')
      .withArgs(deadline)
    await at(deadline - CONSENT_SECONDS)
    await identity.setAgentWallet(...args)
  })

  it('is not the zero address', async () => {
    const { agentId, identity } = await withAgent()
    const deadline = (await time.latest()) + 60
    await expect(
      identity.setAgentWallet(agentId, ethers.ZeroAddress, deadline, '0x'),
    ).to.be.revertedWithCustomError(identity, 'ZeroWallet')
  })

  it('can be unset', async () => {
    const { agentId, identity } = await withAgent()
    await identity.unsetAgentWallet(agentId)
    expect(await identity.getAgentWallet(agentId)).to.equal(ethers.ZeroAddress)
  })

  it('does not go along with the agent', async () => {
    const { world, agentId, identity } = await withAgent()
    const { requester, treasury } = world
    await expect(identity.transferFrom(requester.address, treasury.address, agentId))
      .to.emit(identity, 'MetadataSet')
      .withArgs(agentId, 'agentWallet', 'agentWallet', '0x')
    expect(await identity.getAgentWallet(agentId)).to.equal(ethers.ZeroAddress)
  })

  it('of an unknown agent is not read', async () => {
    const { identity } = await withAgent()
    await expect(identity.getAgentWallet(9n)).to.be.revertedWithCustomError(
      identity,
      'ERC721NonexistentToken',
    )
  })
})
