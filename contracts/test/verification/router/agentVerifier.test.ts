import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { AbiCoder, concat, id, keccak256, toUtf8Bytes } from 'ethers'
import { connect, ethers, time, ZERO_HASH } from '../../support/mesh.ts'
import {
  deploy,
  loadVerifiers,
  OUTPUT,
  REFERENCE,
  type Task,
  TEE,
  taskOf,
  teeProof,
  type Verifiers,
} from '../../support/verifiers.ts'

interface DigestVector {
  name: string
  fields: {
    taskId: string
    agentId: string
    inputHash: string
    outputHash: string
    valid: boolean
    agentProofProfile: string
    timestampSeconds: number
    verifier: string
    chainId: number
  }
  digest: string
}

const vectorFile = new URL('../../../../protocol/vectors/verification-digest.json', import.meta.url)
const vectors = JSON.parse(await readFile(vectorFile, 'utf8')) as DigestVector[]

/** The digest of ERC-8274, computed apart from the contract. */
function digestOf({
  taskId,
  agentId,
  inputHash,
  outputHash,
  valid,
  ...rest
}: DigestVector['fields']): string {
  const { agentProofProfile, timestampSeconds, verifier, chainId } = rest
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['bytes32', 'bytes32', 'bytes32', 'bytes32', 'bool', 'bytes32', 'uint256', 'bytes', 'bytes'],
      [
        taskId,
        agentId,
        inputHash,
        outputHash,
        valid,
        agentProofProfile,
        timestampSeconds,
        verifier,
        toUtf8Bytes(`eip155:${chainId}`),
      ],
    ),
  )
}

const argumentsOf = ({ taskId, agentId, inputHash }: Task, proof: string) =>
  [taskId, agentId, inputHash, OUTPUT, proof] as const

async function proven(verifiers: Verifiers, task: Task) {
  return argumentsOf(task, concat([TEE, await teeProof(verifiers, task)]))
}

describe('The interfaces of ERC-8274', () => {
  it('have the ids of the pinned draft', async () => {
    const meter = await deploy('VerifierMeter')
    expect([...(await meter.interfaceIds())]).to.deep.equal([
      '0x86761e49',
      '0xf2fd7e98',
      '0xa74c71c9',
      '0xb041e563',
    ])
  })

  it('have the event topics of the pinned draft', async () => {
    const meter = await deploy('VerifierMeter')
    expect([...(await meter.topics())]).to.deep.equal([
      '0x88599983653fd2e68733c0b02664ed41a66eeb7bd36a9746c8524ce98b34f40b',
      '0x0d70deba73af73e0781994ce5a9fbcf72a3fa46176ae9d25cbddfe9471c5360d',
    ])
    expect(id('AgentVerifierUpdated(bytes)')).to.equal((await meter.topics())[1])
  })

  it('are declared through ERC-165, the single-backend profile is not', async () => {
    const { agent, tee, reference } = await loadVerifiers()
    for (const [contract, interfaceId] of [
      [agent, '0xf2fd7e98'],
      [tee, '0x86761e49'],
      [reference, '0x86761e49'],
    ] as const) {
      expect(await contract.supportsInterface(interfaceId)).to.equal(true)
      expect(await contract.supportsInterface('0x01ffc9a7')).to.equal(true)
      expect(await contract.supportsInterface('0xffffffff')).to.equal(false)
    }
    expect(await agent.supportsInterface('0xa74c71c9')).to.equal(false)
  })

  it('name paradigm and variant, and a profile of code and configuration', async () => {
    const { tee, reference } = await loadVerifiers()
    for (const [adapter, name] of [
      [tee, 'tee/enclave-key'],
      [reference, 'attestation/reference'],
    ] as const) {
      expect(await adapter.proofSystem()).to.equal(name)
      const codeHash = keccak256(await ethers.provider.getCode(await adapter.getAddress()))
      const profile = keccak256(AbiCoder.defaultAbiCoder().encode(['string', 'bytes32'], [name, codeHash]))
      expect(await adapter.proofProfile()).to.equal(profile)
    }
  })
})

describe('The verification digest', () => {
  for (const { name, fields, digest } of vectors) {
    it(`is that of the golden vector "${name}"`, () => {
      expect(digestOf(fields)).to.equal(digest)
    })
  }

  it('and the event say the same, on pass and fail', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const { chainId } = await ethers.provider.getNetwork()
    const verifier = await agent.getAddress()
    const task = await taskOf(verifiers)
    const good = await proven(verifiers, task)
    const bad = argumentsOf(task, TEE)
    for (const [args, valid] of [
      [bad, false],
      [good, true],
    ] as const) {
      const timestampSeconds = (await time.latest()) + 100
      await time.setNextBlockTimestamp(timestampSeconds)
      const agentProofProfile = await agent.agentProofProfileOf(TEE)
      const fields = { ...task, outputHash: OUTPUT, valid, agentProofProfile, timestampSeconds, verifier }
      const digest = digestOf({ ...fields, chainId: Number(chainId) })
      await expect(agent.verify(...args))
        .to.emit(agent, 'VerificationCompleted')
        .withArgs(
          task.taskId,
          task.agentId,
          digest,
          valid,
          task.inputHash,
          OUTPUT,
          agentProofProfile,
          timestampSeconds,
          verifier.toLowerCase(),
          ethers.hexlify(toUtf8Bytes(`eip155:${chainId}`)),
        )
    }
  })

  it('is returned on pass and fail', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const task = await taskOf(verifiers)
    const good = await agent.verify.staticCall(...(await proven(verifiers, task)))
    const bad = await agent.verify.staticCall(...argumentsOf(task, TEE))
    expect([good.valid, bad.valid]).to.deep.equal([true, false])
    expect(good.verificationDigest).to.not.equal(bad.verificationDigest)
    expect(bad.verificationDigest).to.not.equal(ZERO_HASH)
  })

  it('takes the profile of the selected verifier', async () => {
    const { agent, router } = await loadVerifiers()
    expect(await agent.agentProofProfileOf(TEE)).to.equal((await router.entryOf(TEE)).agentProofProfile)
    expect(await agent.agentProofProfileOf(TEE)).to.not.equal(await agent.agentProofProfileOf(REFERENCE))
    expect(await agent.agentProofProfileOf('0x00000001')).to.equal(ZERO_HASH)
  })
})

describe('A task', () => {
  it('is used up by its first valid proof', async () => {
    const verifiers = await loadVerifiers()
    const { agent, world } = verifiers
    const task = await taskOf(verifiers)
    const args = await proven(verifiers, task)
    await agent.verify(...args)
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(true)
    await expect(agent.verify(...args))
      .to.be.revertedWithCustomError(agent, 'TaskUsed')
      .withArgs(world.deployer.address, task.taskId)
  })

  it('is not used up by an invalid proof', async () => {
    const verifiers = await loadVerifiers()
    const { agent, world } = verifiers
    const task = await taskOf(verifiers)
    await agent.verify(...argumentsOf(task, TEE))
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(false)
    await agent.verify(...(await proven(verifiers, task)))
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(true)
  })

  it('is not used up by a stranger who brings its valid proof first', async () => {
    const verifiers = await loadVerifiers()
    const { agent, world } = verifiers
    const task = await taskOf(verifiers)
    const args = await proven(verifiers, task)
    await connect(agent, world.stranger).verify(...args)
    expect(await agent.isTaskUsed(world.deployer.address, task.taskId)).to.equal(false)
    const { valid } = await agent.verify.staticCall(...args)
    expect(valid).to.equal(true)
  })
})

describe('A proof', () => {
  it('is worthless for another task, agent, input or output', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const task = await taskOf(verifiers)
    const [, , , , proof] = await proven(verifiers, task)
    const other = await taskOf(verifiers)
    const twisted = [
      argumentsOf({ ...task, taskId: other.taskId }, proof),
      argumentsOf({ ...task, agentId: ethers.toBeHex(2, 32) }, proof),
      argumentsOf({ ...task, inputHash: ethers.id('other input') }, proof),
    ]
    for (const args of twisted) expect((await agent.verify.staticCall(...args)).valid).to.equal(false)
    const { taskId, agentId, inputHash } = task
    const otherOutput = await agent.verify.staticCall(
      taskId,
      agentId,
      inputHash,
      ethers.id('other output'),
      proof,
    )
    expect(otherOutput.valid).to.equal(false)
  })

  it('is worthless under the selector of another verifier', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const task = await taskOf(verifiers)
    const proof = concat([REFERENCE, await teeProof(verifiers, task)])
    expect((await agent.verify.staticCall(...argumentsOf(task, proof))).valid).to.equal(false)
  })

  it('needs a selector', async () => {
    const verifiers = await loadVerifiers()
    const { agent } = verifiers
    const task = await taskOf(verifiers)
    for (const proof of ['0x', '0x7ee000']) {
      await expect(agent.verify(...argumentsOf(task, proof))).to.be.revertedWithCustomError(
        agent,
        'NoSelector',
      )
    }
  })

  it('for an unknown or tombstoned verifier is not judged at all', async () => {
    const verifiers = await loadVerifiers()
    const { agent, router } = verifiers
    const task = await taskOf(verifiers)
    await expect(agent.verify(...argumentsOf(task, '0x00000001')))
      .to.be.revertedWithCustomError(router, 'VerifierUnknown')
      .withArgs('0x00000001')
    await router.tombstone(TEE)
    await expect(agent.verify(...(await proven(verifiers, task))))
      .to.be.revertedWithCustomError(router, 'VerifierTombstoned')
      .withArgs(TEE)
  })
})
