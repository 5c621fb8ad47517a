import { expect } from 'chai'
import type { BaseContract, ContractMethod } from 'ethers'
import { contextOf, encodeGroth16Claim, type Groth16Claim } from '../../../../protocol/src/groth16/claim.ts'
import { keyIdOf } from '../../../../protocol/src/groth16/verifyingKey.ts'
import { claimOf, forged, type Hex, hashesOf, product, R, verifierFixture } from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'

type Adapter = BaseContract &
  Record<'verify' | 'verifier' | 'proofSystem' | 'proofProfile' | 'supportsInterface', ContractMethod>

const OTHER_WORD = `0x${'b2'.repeat(32)}` as const

async function adapterFixture() {
  const verifier = await verifierFixture()
  const adapter = await ethers.deployContract('Groth16Adapter', [await verifier.getAddress()])
  return { verifier, adapter: adapter as unknown as Adapter }
}
const loadAdapter = () => networkHelpers.loadFixture(adapterFixture)

/** The answer for a claim; `wanted` is what the job's order and result say, by default the same. */
async function answer(claim: Groth16Claim, wanted = claim): Promise<boolean> {
  const { adapter } = await loadAdapter()
  const { inputHash, outputHash } = hashesOf(wanted)
  return adapter.verify(inputHash, outputHash, '0x', encodeGroth16Claim(claim))
}

describe('Groth16Adapter', () => {
  it('accepts a proof of the job', async () => {
    expect(await answer(claimOf())).to.equal(true)
  })

  it('has the interface ids and names of ERC-8274', async () => {
    const { adapter, verifier } = await loadAdapter()
    expect(await adapter.supportsInterface('0x86761e49')).to.equal(true)
    expect(await adapter.supportsInterface('0x01ffc9a7')).to.equal(true)
    expect(await adapter.supportsInterface('0xffffffff')).to.equal(false)
    expect(adapter.interface.getFunction('verify')?.selector).to.equal('0xfc2b4271')
    expect(await adapter.proofSystem()).to.equal('zk/groth16-bn254')
    const address = await verifier.getAddress()
    expect(await adapter.verifier()).to.equal(address)
    const coder = ethers.AbiCoder.defaultAbiCoder()
    const salt = ethers.zeroPadValue(address, 32)
    const profile = ethers.keccak256(coder.encode(['string', 'bytes32'], ['zk/groth16-bn254', salt]))
    expect(await adapter.proofProfile()).to.equal(profile)
  })

  it('gives metadata no meaning', async () => {
    const { adapter } = await loadAdapter()
    const { inputHash, outputHash } = hashesOf(claimOf())
    expect(await adapter.verify(inputHash, outputHash, '0x1234', encodeGroth16Claim(claimOf()))).to.equal(
      true,
    )
  })

  for (const field of ['taskId', 'agentId', 'policy'] as const) {
    it(`refuses a proof of a job with another ${field}`, async () => {
      expect(await answer(claimOf(), claimOf({ [field]: OTHER_WORD }))).to.equal(false)
    })
  }

  for (const field of ['taskId', 'agentId'] as const) {
    it(`refuses a copied proof that is relabelled to another ${field}`, async () => {
      expect(await answer(claimOf({ [field]: OTHER_WORD }))).to.equal(false)
    })
  }

  it('refuses another result', async () => {
    expect(await answer(claimOf({ results: [43n] }))).to.equal(false)
  })

  it('refuses a result that is not the one that was submitted', async () => {
    expect(await answer(claimOf(), claimOf({ results: [43n] }))).to.equal(false)
  })

  it('refuses a result plus the group order, which would be a second hash of one result', async () => {
    expect(await answer(claimOf({ results: [42n + R] }))).to.equal(false)
  })

  it('refuses another request', async () => {
    expect(await answer(claimOf({ request: [7n, 6n] }))).to.equal(false)
    expect(await answer(claimOf(), claimOf({ request: [7n, 6n] }))).to.equal(false)
  })

  it('refuses to move the border between results and request, whichever hash the claim names', async () => {
    const { adapter } = await loadAdapter()
    const order = claimOf()
    const moved = claimOf({ results: [42n, 6n], request: [7n] })
    const { inputHash } = hashesOf(order)
    const { outputHash } = hashesOf(moved)
    const encoded = encodeGroth16Claim(moved)
    // the hash of the request is the fourth word
    const honestWord = ethers.dataSlice(encodeGroth16Claim(order), 96, 128)
    const patched = ethers.concat([
      ethers.dataSlice(encoded, 0, 96),
      honestWord,
      ethers.dataSlice(encoded, 128),
    ])
    for (const proof of [encoded, patched]) {
      expect(await adapter.verify(inputHash, outputHash, '0x', proof)).to.equal(false)
    }
    expect(await answer(moved), 'an order for that request alone').to.equal(true)
  })

  it('refuses a false result proven under a made-up key when the order names the honest model', async () => {
    const [{ words: proof }] = forged.proofs
    const lie = { proof, results: [1n] }
    expect(await answer(claimOf({ ...lie, modelId: forged.keyId }), claimOf(lie))).to.equal(false)
    expect(await answer(claimOf({ ...lie, modelId: product.keyId }))).to.equal(false)
    expect(
      await answer(claimOf({ ...lie, modelId: forged.keyId })),
      'an order for the made-up model',
    ).to.equal(true)
  })

  it('refuses a proof without the context of the circuit', async () => {
    const { signals } = product.proofs[0]
    expect(signals.at(-1)).to.equal(contextOf(claimOf().taskId, claimOf().agentId))
    expect(await answer(claimOf({ taskId: ethers.ZeroHash as Hex }))).to.equal(false)
  })

  it('reverts for a model that is not registered', async () => {
    const { verifier } = await loadAdapter()
    const modelId = keyIdOf('0x')
    await expect(answer(claimOf({ modelId })))
      .to.be.revertedWithCustomError(verifier, 'UnknownKey')
      .withArgs(modelId)
  })

  it('reverts for a wrong number of signals', async () => {
    const { verifier } = await loadAdapter()
    await expect(answer(claimOf({ results: [42n, 0n] })))
      .to.be.revertedWithCustomError(verifier, 'WrongInputCount')
      .withArgs(5, 4)
  })

  it('reverts for bytes of another form', async () => {
    const { adapter } = await loadAdapter()
    const { inputHash, outputHash } = hashesOf(claimOf())
    const encoded = encodeGroth16Claim(claimOf())
    for (const length of [0, 32, 480, ethers.dataLength(encoded) - 32]) {
      const proof = ethers.dataSlice(encoded, 0, length)
      await expect(
        adapter.verify(inputHash, outputHash, '0x', proof),
        `${length}`,
      ).to.be.revertedWithoutReason(ethers)
    }
  })

  it('needs no more gas than the interface says', async () => {
    const { adapter } = await loadAdapter()
    const { inputHash, outputHash } = hashesOf(claimOf())
    const args = [inputHash, outputHash, '0x', encodeGroth16Claim(claimOf())]
    const data = ethers.getBytes(adapter.interface.encodeFunctionData('verify', args))
    const intrinsic = data.reduce((sum, byte) => sum + (byte === 0 ? 4n : 16n), 21_000n)
    expect(await adapter.verify(...args, { gasLimit: intrinsic + 410_000n + 4n * 8_000n })).to.equal(true)
  })

  it('never calls a valid proof false for want of gas', async () => {
    const { adapter } = await loadAdapter()
    const { inputHash, outputHash } = hashesOf(claimOf())
    for (let gasLimit = 60_000n; gasLimit <= 500_000n; gasLimit += 20_000n) {
      const answered = await adapter
        .verify(inputHash, outputHash, '0x', encodeGroth16Claim(claimOf()), { gasLimit })
        .catch(() => 'reverted')
      expect(answered, `${gasLimit}`).to.not.equal(false)
    }
  })
})
