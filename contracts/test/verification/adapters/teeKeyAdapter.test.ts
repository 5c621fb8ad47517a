import { expect } from 'chai'
import { concat, Signature, toBeHex } from 'ethers'
import { at, connect, ethers } from '../../support/mesh.ts'
import {
  attest,
  attestationOf,
  deploy,
  encodeTeeProof,
  loadVerifiers,
  OUTPUT,
  signResult,
  type Task,
  TEE_METADATA,
  taskInputOf,
  taskOf,
  teeDomain,
  teeProof,
  type Verifiers,
  walletOf,
} from '../../support/verifiers.ts'

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const PARITY_BIT = 1n << 255n

function ask({ tee }: Verifiers, task: Task, proof: string, metadata = TEE_METADATA): Promise<boolean> {
  return tee.verify.staticCall(taskInputOf(task), OUTPUT, metadata, proof)
}

describe('A result signed by an enclave', () => {
  it('is accepted when the key is live', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    expect(await ask(verifiers, task, await teeProof(verifiers, task))).to.equal(true)
  })

  it('is refused by a key that nobody attested', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    expect(await ask(verifiers, task, await teeProof(verifiers, task, walletOf('stranger')))).to.equal(false)
  })

  it('is accepted in the last second of the key and refused in the next', async () => {
    const verifiers = await loadVerifiers()
    const { registry, enclave, agent } = verifiers
    const task = await taskOf(verifiers)
    const proof = concat(['0x7ee00001', await teeProof(verifiers, task)])
    const { expiresAt } = await registry.keyOf(enclave.address)
    const args = [task.taskId, task.agentId, task.inputHash, OUTPUT, proof] as const
    await at(expiresAt)
    const inTime = await agent.verify(...args)
    const [event] = (await inTime.wait()).logs
    expect(agent.interface.parseLog(event)?.args.valid).to.equal(true)
    await at(expiresAt + 1n)
    const tooLate = await connect(agent, verifiers.world.stranger).verify(...args)
    const [next] = (await tooLate.wait()).logs
    expect(agent.interface.parseLog(next)?.args.valid).to.equal(false)
  })

  it('is refused once its key is revoked', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    await verifiers.registry.revokeKey(verifiers.enclave.address)
    expect(await ask(verifiers, task, proof)).to.equal(false)
  })

  it('is refused once its measurement is revoked', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    await verifiers.registry.revokeMeasurement(1)
    expect(await ask(verifiers, task, proof)).to.equal(false)
  })

  it('is refused under an entry for another measurement', async () => {
    const verifiers = await loadVerifiers()
    const { registry, quorum } = verifiers
    await registry.allowMeasurement(await quorum.getAddress(), ethers.id('enclave build 2'))
    const task = await taskOf(verifiers)
    expect(await ask(verifiers, task, await teeProof(verifiers, task), toBeHex(2, 4))).to.equal(false)
  })

  it('is refused under metadata that is no measurement id', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    for (const metadata of ['0x', '0x000001', '0x0000000100', toBeHex(1, 32)]) {
      expect(await ask(verifiers, task, proof, metadata)).to.equal(false)
    }
  })

  it('is refused for the job of another provider, by the enclave of this one', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers, 2)
    expect(await ask(verifiers, task, await teeProof(verifiers, task))).to.equal(false)
    await attest(verifiers, { enclaveKey: walletOf('enclave 2').address }, { providerId: 2 })
    expect(await ask(verifiers, task, await teeProof(verifiers, task, walletOf('enclave 2')))).to.equal(true)
  })

  it('is refused for an agent id that only looks like the provider in its low bits', async () => {
    const verifiers = await loadVerifiers()
    const task = { ...(await taskOf(verifiers)), agentId: toBeHex((1n << 32n) + 1n, 32) }
    expect(await ask(verifiers, task, await teeProof(verifiers, task))).to.equal(false)
  })

  it('is refused for another output', async () => {
    const verifiers = await loadVerifiers()
    const { tee } = verifiers
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    const answer = await tee.verify.staticCall(taskInputOf(task), ethers.id('other'), TEE_METADATA, proof)
    expect(answer).to.equal(false)
  })
})

describe('Attack: a signature of an enclave', () => {
  it('copied to another task, agent or request', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const signature = await signResult(verifiers.enclave, await teeDomain(verifiers), task)
    const changes: Partial<Task>[] = [
      { taskId: ethers.id('other task') },
      { agentId: toBeHex(2, 32) },
      { inputHash: ethers.id('other input') },
    ]
    for (const change of changes) {
      const other = { ...task, ...change }
      expect(await ask(verifiers, other, encodeTeeProof(other, signature))).to.equal(false)
      // and with preimages that do not belong to the task that is asked for
      expect(await ask(verifiers, other, encodeTeeProof(task, signature))).to.equal(false)
    }
  })

  it('over the job of another provider, brought with preimages that name its own', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers, 2)
    const signature = await signResult(verifiers.enclave, await teeDomain(verifiers), task)
    const disguised = { ...task, agentId: toBeHex(1, 32) }
    expect(await ask(verifiers, task, encodeTeeProof(disguised, signature))).to.equal(false)
  })

  it('made for another chain, another adapter or another contract name', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const domain = await teeDomain(verifiers)
    const twin = await deploy('TeeKeyAdapter', [await verifiers.registry.getAddress()])
    for (const other of [
      { ...domain, chainId: domain.chainId + 1n },
      { ...domain, verifyingContract: await twin.getAddress() },
      { ...domain, name: 'DuckMesh' },
    ]) {
      const signature = await signResult(verifiers.enclave, other, task)
      expect(await ask(verifiers, task, encodeTeeProof(task, signature))).to.equal(false)
    }
  })

  it('with the malleable s, in both parities', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const { r, s } = await signResult(verifiers.enclave, await teeDomain(verifiers), task)
    const highS = SECP256K1_ORDER - BigInt(s)
    const { taskId, agentId, inputHash } = task
    // EIP-2098 has no room for a high s: its top bit is the parity
    for (const vs of [highS, highS | PARITY_BIT, highS ^ PARITY_BIT]) {
      const proof = concat([taskId, agentId, inputHash, r, toBeHex(vs & ((1n << 256n) - 1n), 32)])
      expect(await ask(verifiers, task, proof)).to.equal(false)
    }
  })

  it('that is malformed recovers to nobody, and nobody has no key', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const zero = Signature.from({ r: toBeHex(0, 32), s: toBeHex(0, 32), v: 27 })
    expect(await ask(verifiers, task, encodeTeeProof(task, zero))).to.equal(false)
    await verifiers.registry.revokeKey(ethers.ZeroAddress)
    expect(await ask(verifiers, task, encodeTeeProof(task, zero))).to.equal(false)
  })

  it('in a proof that is cut or padded', async () => {
    const verifiers = await loadVerifiers()
    const task = await taskOf(verifiers)
    const proof = await teeProof(verifiers, task)
    for (const other of ['0x', proof.slice(0, -2), `${proof}00`]) {
      expect(await ask(verifiers, task, other)).to.equal(false)
    }
  })

  it('whose key was attested by evidence for another registry', async () => {
    const verifiers = await loadVerifiers()
    const { world, owner } = verifiers
    const args = [await world.mesh.getAddress(), owner.address, owner.address, 86_400]
    const other = await deploy('TeeKeyRegistry', args)
    const attestation = await attestationOf({ ...verifiers, registry: other })
    await expect(attest(verifiers, { nonce: attestation.nonce })).to.be.revertedWithCustomError(
      verifiers.registry,
      'WrongNonce',
    )
  })
})
