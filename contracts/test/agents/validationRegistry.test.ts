import { expect } from 'chai'
import { loadAgentWorld, registerAgent } from '../support/agents.ts'
import { at, connect, ethers, time, ZERO_HASH } from '../support/mesh.ts'

const HASH = ethers.id('request')
const EVIDENCE = ethers.id('evidence')
const URI = 'ipfs://request'

/** An agent of the requester, who asks; the treasury validates. */
async function withAgent() {
  const world = await loadAgentWorld()
  const agentId = await registerAgent(world, world.requester)
  const asker = connect(world.validations, world.requester)
  const validator = connect(world.validations, world.treasury)
  return { world, agentId, asker, validator, treasury: world.treasury.address }
}

describe('A validation request', () => {
  it('is kept and listed', async () => {
    const { world, agentId, asker, treasury } = await withAgent()
    const now = (await time.latest()) + 5
    await at(now)
    await expect(asker.validationRequest(treasury, agentId, URI, HASH))
      .to.emit(world.validations, 'ValidationRequest')
      .withArgs(treasury, agentId, URI, HASH)
    expect(await asker.getValidationStatus(HASH)).to.deep.equal([
      treasury,
      agentId,
      0n,
      ZERO_HASH,
      '',
      BigInt(now),
    ])
    expect(await asker.getAgentValidations(agentId)).to.deep.equal([HASH])
    expect(await asker.getValidatorRequests(treasury)).to.deep.equal([HASH])
  })

  it('is for operators of the agent too', async () => {
    const { world, agentId, treasury } = await withAgent()
    await connect(world.identity, world.requester).setApprovalForAll(world.stranger.address, true)
    await connect(world.validations, world.stranger).validationRequest(treasury, agentId, URI, HASH)
  })

  it('is for nobody else', async () => {
    const { world, agentId, validator, treasury } = await withAgent()
    await expect(validator.validationRequest(treasury, agentId, URI, HASH))
      .to.be.revertedWithCustomError(world.validations, 'NotOperator')
      .withArgs(agentId, treasury)
  })

  it('has its hash for itself', async () => {
    const { agentId, asker, treasury } = await withAgent()
    await asker.validationRequest(treasury, agentId, URI, HASH)
    await expect(asker.validationRequest(treasury, agentId, URI, HASH))
      .to.be.revertedWithCustomError(asker, 'RequestExists')
      .withArgs(HASH)
  })

  it('names a validator', async () => {
    const { agentId, asker } = await withAgent()
    await expect(
      asker.validationRequest(ethers.ZeroAddress, agentId, URI, HASH),
    ).to.be.revertedWithCustomError(asker, 'ZeroValidator')
  })
})

describe('A validation response', () => {
  it('is kept, and can be replaced', async () => {
    const { agentId, asker, validator, treasury } = await withAgent()
    await asker.validationRequest(treasury, agentId, URI, HASH)
    await validator.validationResponse(HASH, 40, '', ZERO_HASH, 'soft')
    await expect(validator.validationResponse(HASH, 100, 'ipfs://proof', EVIDENCE, 'hard'))
      .to.emit(validator, 'ValidationResponse')
      .withArgs(treasury, agentId, HASH, 100, 'ipfs://proof', EVIDENCE, 'hard')
    const now = BigInt(await time.latest())
    expect(await asker.getValidationStatus(HASH)).to.deep.equal([
      treasury,
      agentId,
      100n,
      EVIDENCE,
      'hard',
      now,
    ])
  })

  it('is for the named validator', async () => {
    const { world, agentId, asker, treasury } = await withAgent()
    await asker.validationRequest(treasury, agentId, URI, HASH)
    await expect(asker.validationResponse(HASH, 100, '', ZERO_HASH, ''))
      .to.be.revertedWithCustomError(asker, 'NotValidator')
      .withArgs(HASH, world.requester.address)
  })

  it('is at most 100', async () => {
    const { agentId, asker, validator, treasury } = await withAgent()
    await asker.validationRequest(treasury, agentId, URI, HASH)
    await expect(validator.validationResponse(HASH, 101, '', ZERO_HASH, ''))
      .to.be.revertedWithCustomError(validator, 'BadResponse')
      .withArgs(101)
  })

  it('needs a request', async () => {
    const { validator } = await withAgent()
    await expect(validator.validationResponse(HASH, 100, '', ZERO_HASH, ''))
      .to.be.revertedWithCustomError(validator, 'UnknownRequest')
      .withArgs(HASH)
    await expect(validator.getValidationStatus(HASH))
      .to.be.revertedWithCustomError(validator, 'UnknownRequest')
      .withArgs(HASH)
  })
})

describe('A summary of validations', () => {
  it('averages what was answered, by validator and tag', async () => {
    const { world, agentId, asker, validator, treasury } = await withAgent()
    const stranger = world.stranger.address
    const hashes = ['a', 'b', 'c', 'd'].map((name) => ethers.id(name))
    const [a = '', b = '', c = '', d = ''] = hashes
    for (const hash of [a, b, d]) await asker.validationRequest(treasury, agentId, URI, hash)
    await asker.validationRequest(stranger, agentId, URI, c)
    await validator.validationResponse(a, 100, '', ZERO_HASH, 'x')
    await validator.validationResponse(b, 0, '', ZERO_HASH, 'y')
    await connect(world.validations, world.stranger).validationResponse(c, 99, '', ZERO_HASH, 'x')
    const summary = (validators: string[], tag = '') => asker.getSummary(agentId, validators, tag)
    expect(await summary([])).to.deep.equal([3n, 66n])
    expect(await summary([treasury])).to.deep.equal([2n, 50n])
    expect(await summary([], 'x')).to.deep.equal([2n, 99n])
    expect(await summary([treasury], 'x')).to.deep.equal([1n, 100n])
    expect(await summary([], 'z')).to.deep.equal([0n, 0n])
  })

  it('is about agents of one identity registry', async () => {
    const { world } = await withAgent()
    expect(await world.validations.getIdentityRegistry()).to.equal(await world.identity.getAddress())
  })
})
