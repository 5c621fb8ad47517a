import type { HardhatEthersSigner } from '@nomicfoundation/hardhat-ethers/types'
import { expect } from 'chai'
import { type AgentWorld, loadAgentWorld, registerAgent } from '../support/agents.ts'
import { connect, ethers, ZERO_HASH } from '../support/mesh.ts'

const HASH = ethers.id('file')

/** An agent of the requester; stranger and treasury are its clients. */
async function withAgent() {
  const world = await loadAgentWorld()
  const agentId = await registerAgent(world, world.requester)
  return { world, agentId, reputation: world.reputation, stranger: world.stranger, treasury: world.treasury }
}

function give(
  { reputation }: AgentWorld,
  client: HardhatEthersSigner,
  agentId: bigint,
  { value = 87n, decimals = 0, tag1 = 'starred', tag2 = '' } = {},
) {
  const file = 'ipfs://file'
  return connect(reputation, client).giveFeedback(
    agentId,
    value,
    decimals,
    tag1,
    tag2,
    'https://a',
    file,
    HASH,
  )
}

describe('Giving feedback', () => {
  it('keeps value and tags, and emits the rest', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    await expect(give(world, stranger, agentId, { value: -32n, decimals: 1, tag2: 'week' }))
      .to.emit(reputation, 'NewFeedback')
      .withArgs(
        agentId,
        stranger.address,
        1,
        -32n,
        1,
        'starred',
        'starred',
        'week',
        'https://a',
        'ipfs://file',
        HASH,
      )
    expect(await reputation.readFeedback(agentId, stranger.address, 1)).to.deep.equal([
      -32n,
      1n,
      'starred',
      'week',
      false,
    ])
  })

  it('counts by client, from 1', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    await give(world, stranger, agentId)
    await give(world, treasury, agentId)
    await give(world, stranger, agentId)
    expect(await reputation.getLastIndex(agentId, stranger.address)).to.equal(2n)
    expect(await reputation.getLastIndex(agentId, treasury.address)).to.equal(1n)
    expect(await reputation.getClients(agentId)).to.deep.equal([stranger.address, treasury.address])
  })

  it('is not for the owner of the agent', async () => {
    const { world, agentId, reputation } = await withAgent()
    await expect(give(world, world.requester, agentId))
      .to.be.revertedWithCustomError(reputation, 'OwnAgent')
      .withArgs(agentId, world.requester.address)
  })

  it('is not for its operators', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    const identity = connect(world.identity, world.requester)
    await identity.approve(stranger.address, agentId)
    await identity.setApprovalForAll(treasury.address, true)
    for (const operator of [stranger, treasury]) {
      await expect(give(world, operator, agentId))
        .to.be.revertedWithCustomError(reputation, 'OwnAgent')
        .withArgs(agentId, operator.address)
    }
  })

  it('refuses an unknown agent', async () => {
    const { world, stranger } = await withAgent()
    await expect(give(world, stranger, 9n)).to.be.revertedWithCustomError(
      world.identity,
      'ERC721NonexistentToken',
    )
  })

  it('has at most 18 decimals', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    await give(world, stranger, agentId, { decimals: 18 })
    await expect(give(world, stranger, agentId, { decimals: 19 }))
      .to.be.revertedWithCustomError(reputation, 'TooManyDecimals')
      .withArgs(19)
  })
})

describe('Feedback', () => {
  it('is taken back by its client, once', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    await give(world, stranger, agentId)
    const client = connect(reputation, stranger)
    await expect(client.revokeFeedback(agentId, 1))
      .to.emit(reputation, 'FeedbackRevoked')
      .withArgs(agentId, stranger.address, 1)
    await expect(client.revokeFeedback(agentId, 1))
      .to.be.revertedWithCustomError(reputation, 'AlreadyRevoked')
      .withArgs(agentId, stranger.address, 1)
  })

  it('which was never given is not found', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    await give(world, stranger, agentId)
    for (const index of [0, 2]) {
      await expect(reputation.readFeedback(agentId, stranger.address, index))
        .to.be.revertedWithCustomError(reputation, 'UnknownFeedback')
        .withArgs(agentId, stranger.address, index)
    }
    await expect(connect(reputation, treasury).revokeFeedback(agentId, 1))
      .to.be.revertedWithCustomError(reputation, 'UnknownFeedback')
      .withArgs(agentId, treasury.address, 1)
    await expect(
      reputation.appendResponse(agentId, treasury.address, 1, 'ipfs://answer', ZERO_HASH),
    ).to.be.revertedWithCustomError(reputation, 'UnknownFeedback')
  })

  it('is answered by anybody, and answers are counted', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    await give(world, stranger, agentId)
    await give(world, treasury, agentId)
    const { requester, challenger } = world
    await expect(
      connect(reputation, requester).appendResponse(agentId, stranger.address, 1, 'ipfs://answer', HASH),
    )
      .to.emit(reputation, 'ResponseAppended')
      .withArgs(agentId, stranger.address, 1, requester.address, 'ipfs://answer', HASH)
    await connect(reputation, challenger).appendResponse(agentId, stranger.address, 1, 'ipfs://b', HASH)
    await connect(reputation, challenger).appendResponse(agentId, treasury.address, 1, 'ipfs://c', HASH)
    const count = (client: string, index: number, responders: string[]) =>
      reputation.getResponseCount(agentId, client, index, responders)
    expect(await count(ethers.ZeroAddress, 0, [])).to.equal(3n)
    expect(await count(stranger.address, 0, [])).to.equal(2n)
    expect(await count(stranger.address, 2, [])).to.equal(0n)
    expect(await count(stranger.address, 1, [challenger.address])).to.equal(1n)
    expect(await count(ethers.ZeroAddress, 0, [challenger.address])).to.equal(2n)
  })
})

describe('A summary of feedback', () => {
  it('averages values of any decimals, with the most decimals among them', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    await give(world, stranger, agentId, { value: 99n })
    await give(world, stranger, agentId, { value: 9_977n, decimals: 2 })
    expect(await reputation.getSummary(agentId, [stranger.address], '', '')).to.deep.equal([2n, 9_938n, 2n])
  })

  it('rounds towards zero', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    for (const value of [-1n, -2n]) await give(world, stranger, agentId, { value })
    expect(await reputation.getSummary(agentId, [stranger.address], '', '')).to.deep.equal([2n, -1n, 0n])
  })

  it('holds the largest values', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    const value = 2n ** 127n - 1n
    for (let i = 0; i < 2; i++) await give(world, stranger, agentId, { value })
    expect(await reputation.getSummary(agentId, [stranger.address], '', '')).to.deep.equal([2n, value, 0n])
  })

  it('is of the named clients and tags, without what was taken back', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    await give(world, stranger, agentId, { value: 10n })
    await give(world, stranger, agentId, { value: 20n, tag1: 'uptime' })
    await give(world, stranger, agentId, { value: 30n, tag2: 'week' })
    await give(world, treasury, agentId, { value: 40n })
    await connect(reputation, stranger).revokeFeedback(agentId, 1)
    const summary = (clients: string[], tag1 = '', tag2 = '') =>
      reputation.getSummary(agentId, clients, tag1, tag2)
    expect(await summary([stranger.address])).to.deep.equal([2n, 25n, 0n])
    expect(await summary([stranger.address], 'uptime')).to.deep.equal([1n, 20n, 0n])
    expect(await summary([stranger.address], '', 'week')).to.deep.equal([1n, 30n, 0n])
    expect(await summary([stranger.address, treasury.address], 'starred')).to.deep.equal([2n, 35n, 0n])
    expect(await summary([world.challenger.address])).to.deep.equal([0n, 0n, 0n])
  })

  it('needs clients', async () => {
    const { agentId, reputation } = await withAgent()
    await expect(reputation.getSummary(agentId, [], '', '')).to.be.revertedWithCustomError(
      reputation,
      'NoClients',
    )
  })

  it('reads a bounded number of entries', async () => {
    const { world, agentId, reputation, stranger } = await withAgent()
    for (let i = 0; i < 4; i++) await give(world, stranger, agentId, { tag1: '' })
    const times = (count: number) => Array(count).fill(stranger.address)
    expect((await reputation.getSummary(agentId, times(250), '', '')).count).to.equal(1_000n)
    await expect(reputation.getSummary(agentId, times(251), '', ''))
      .to.be.revertedWithCustomError(reputation, 'TooManyEntries')
      .withArgs(1_004, 1_000)
  })
})

describe('All feedback', () => {
  it('is of all clients when none is named', async () => {
    const { world, agentId, reputation, stranger, treasury } = await withAgent()
    await give(world, stranger, agentId, { value: 10n })
    await give(world, treasury, agentId, { value: 400n, decimals: 1, tag2: 'day' })
    await connect(reputation, stranger).revokeFeedback(agentId, 1)
    const open = await reputation.readAllFeedback(agentId, [], '', '', false)
    expect(open).to.deep.equal([[treasury.address], [1n], [400n], [1n], ['starred'], ['day'], [false]])
    const all = await reputation.readAllFeedback(agentId, [], '', '', true)
    expect(all.clients).to.deep.equal([stranger.address, treasury.address])
    expect(all.revokedStatuses).to.deep.equal([true, false])
    const none = await reputation.readAllFeedback(agentId, [], 'uptime', '', true)
    expect(none.clients).to.deep.equal([])
  })

  it('is about agents of one identity registry', async () => {
    const { world, reputation } = await withAgent()
    expect(await reputation.getIdentityRegistry()).to.equal(await world.identity.getAddress())
  })
})
