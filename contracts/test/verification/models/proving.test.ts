import { bn254 } from '@noble/curves/bn254'
import { expect } from 'chai'
import { endProver } from '../../../../circuits/index.ts'
import { contextOf, encodeGroth16Claim, type Groth16Claim } from '../../../../protocol/src/groth16/claim.ts'
import { foldModel } from '../../../../protocol/src/groth16/foldModel.ts'
import { modelIdOf } from '../../../../protocol/src/groth16/model.ts'
import { wordsOfG2 } from '../../../../protocol/src/groth16/proof.ts'
import { keyBytes, keyIdOf } from '../../../../protocol/src/groth16/verifyingKey.ts'
import { addG1, changed, hashesOf, mulG1, Q, R, readFixture } from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'
import {
  FIRST,
  METADATA,
  modelClaim,
  type PackedCircuit,
  packedCircuit,
  type Registry,
  register,
  registryOf,
  request,
} from '../../support/models.ts'

const SELECTOR = '0x00000005'
const GAS_CAP = 900_000
const OTHER_WORD = `0x${'b2'.repeat(32)}` as const

describe('A proof of a registered model', () => {
  let circuit: PackedCircuit
  /** Proved once: everything but the proof is changed from test to test. */
  let claim: Groth16Claim
  let swapped: bigint[]

  const fixture = async () => {
    const registry = await registryOf(circuit)
    await register(registry, circuit, circuit.weights)
    const [owner] = await ethers.getSigners()
    const router = await ethers.deployContract('VerifierRouter', [owner, owner])
    await router.addVerifier(SELECTOR, registry, GAS_CAP, '0x')
    return { registry, router }
  }
  const load = () => networkHelpers.loadFixture(fixture)

  before(async () => {
    circuit = await packedCircuit()
    const { weights } = circuit
    swapped = [
      weights[15]!,
      weights[14]!,
      ...weights.slice(2, 14),
      weights[1]!,
      weights[0]!,
      ...weights.slice(16),
    ]
    claim = await modelClaim(circuit, modelIdOf(circuit.tuple, weights, METADATA), weights)
  })
  after(endProver)

  /** The answer for a claim; `wanted` is what the order and the result say, by default the same. */
  async function answer(given: Groth16Claim, wanted = given, registry?: Registry): Promise<boolean> {
    const { inputHash, outputHash } = hashesOf(wanted)
    const verifier = registry ?? (await load()).registry
    return verifier.verify(inputHash, outputHash, '0x', encodeGroth16Claim(given))
  }

  it('holds, without the weights in the call', async () => {
    expect(await answer(claim)).to.equal(true)
    expect(ethers.dataLength(encodeGroth16Claim(claim))).to.equal(19 * 32)
  })

  it('holds through the router under a selector of its own', async () => {
    const { router } = await load()
    const { inputHash, outputHash } = hashesOf(claim)
    const [valid] = await router.verify(SELECTOR, inputHash, outputHash, encodeGroth16Claim(claim))
    expect(valid).to.equal(true)
    const other = hashesOf({ ...claim, results: [9n] })
    const [lie] = await router.verify(SELECTOR, inputHash, other.outputHash, encodeGroth16Claim(claim))
    expect(lie).to.equal(false)
  })

  it('declares itself to the router', async () => {
    const { registry } = await load()
    expect(await registry.supportsInterface('0x86761e49')).to.equal(true)
    expect(await registry.supportsInterface('0xffffffff')).to.equal(false)
    expect(await registry.proofSystem()).to.equal('zk/groth16-bn254-model')
  })

  for (const field of ['taskId', 'agentId', 'policy'] as const) {
    it(`is refused for a job with another ${field}`, async () => {
      expect(await answer(claim, { ...claim, [field]: OTHER_WORD })).to.equal(false)
    })
  }

  for (const field of ['taskId', 'agentId'] as const) {
    it(`is refused when it is copied and relabelled to another ${field}: the context is computed here`, async () => {
      expect(await answer({ ...claim, [field]: OTHER_WORD })).to.equal(false)
    })
  }

  it('is refused with every other class, and with the class plus the group order', async () => {
    const [found = 0n] = claim.results
    for (let other = 0n; other < 20n; other++)
      expect(await answer({ ...claim, results: [other] }), `${other}`).to.equal(other === found)
    expect(await answer({ ...claim, results: [found + R] })).to.equal(false)
  })

  it('is refused for another input', async () => {
    expect(await answer({ ...claim, request: [request[0]! + 1n] })).to.equal(false)
  })

  it("is refused under another model's id, and another model's proof under this one", async () => {
    const { registry } = await load()
    const other = await register(registry, circuit, swapped)
    expect(await answer({ ...claim, modelId: other }, undefined, registry)).to.equal(false)
    const theirs = await modelClaim(circuit, other, swapped)
    expect(await answer(theirs, undefined, registry), 'its own').to.equal(true)
    expect(await answer({ ...theirs, modelId: claim.modelId }, undefined, registry)).to.equal(false)
    expect(await answer(theirs, { ...theirs, modelId: claim.modelId }, registry)).to.equal(false)
  })

  it('is refused for a model that is half registered', async () => {
    const registry = await registryOf(circuit)
    await registry.addWeights(circuit.tuple, METADATA, 0, circuit.weights.slice(0, FIRST))
    await expect(answer(claim, undefined, registry))
      .to.be.revertedWithCustomError(registry, 'UnknownKey')
      .withArgs(ethers.ZeroHash)
  })

  it('cannot be made for an honest model with a point that was chosen to cancel its inputs', async () => {
    const { registry } = await load()
    const { architecture, tuple, verifyingKey, weights } = circuit
    const { head } = architecture
    // V = 0 for class 9, and a proof that needs no witness: e(α, β + δ) = e(α, β) · e(α, δ)
    const { taskId, agentId } = claim
    const signals = [9n, ...request, contextOf(taskId, agentId)]
    const [x, y] = (await foldModel(verifyingKey, architecture, weights)).IC[0]!
    let sum = [BigInt(x), BigInt(y)]
    for (const [index, signal] of signals.entries()) {
      const [px, py] = head.IC[index + 1]!
      sum = await addG1(sum, await mulG1([BigInt(px), BigInt(py)], signal))
    }
    const [cx, cy] = head.IC[0]!
    const forgedConstant = await addG1([BigInt(cx), BigInt(cy)], [sum[0]!, Q - sum[1]!])
    const forgedHead = { ...head, IC: [forgedConstant.map(String), ...head.IC.slice(1)] } as typeof head
    forgedHead.IC[0]![2] = '1'
    const key = keyBytes(forgedHead)
    await registry.registerKey(key)
    const forgedTuple = { ...tuple, keyId: keyIdOf(key) }
    await registry.addWeights(forgedTuple, METADATA, 0, weights)
    const lie = { ...claim, results: [9n], proof: canceled(verifyingKey) }
    const forgedId = modelIdOf(forgedTuple, weights, METADATA)
    expect(forgedId).to.not.equal(claim.modelId)
    expect(await answer({ ...lie, modelId: forgedId }, undefined, registry), 'its own model').to.equal(true)
    expect(
      await answer({ ...lie, modelId: forgedId }, lie, registry),
      'the order of the honest one',
    ).to.equal(false)
    expect(await answer(lie, undefined, registry)).to.equal(false)
    // a point that is brought along is not read
    const { inputHash, outputHash } = hashesOf(lie)
    const brought = ethers.concat([
      encodeGroth16Claim(lie),
      ...forgedConstant.map((word) => ethers.toBeHex(word, 32)),
    ])
    expect(await registry.verify(inputHash, outputHash, '0x', brought)).to.equal(false)
  })

  it('reverts for unknown models, wrong counts of signals and bytes of another form', async () => {
    const { registry } = await load()
    const unknown = { ...claim, modelId: OTHER_WORD }
    await expect(answer(unknown)).to.be.revertedWithCustomError(registry, 'UnknownKey')
    // the error is of IGroth16Verifier, whose functions the registry does not have
    const errors = await ethers.getContractAt('IGroth16Verifier', registry)
    const tooMany = answer({ ...claim, results: [...claim.results, 0n] }, undefined, registry)
    await expect(tooMany).to.be.revertedWithCustomError(errors, 'WrongInputCount').withArgs(4, 3)
    for (const length of [0, 32, 480, 18 * 32]) {
      const bytes = ethers.dataSlice(encodeGroth16Claim(claim), 0, length)
      const hashes = hashesOf(claim)
      await expect(
        registry.verify(hashes.inputHash, hashes.outputHash, '0x', bytes),
      ).to.be.revertedWithoutReason(ethers)
    }
  })

  it('is false for garbage of every kind', async () => {
    const { registry } = await load()
    const { proof } = claim
    const outside = (await readFixture<string[]>('outsideSubgroup')).map(BigInt)
    const kinds: Record<string, readonly bigint[]> = {
      'A off the curve': changed(proof, 0, (x) => x + 1n),
      'A out of the field': changed(proof, 0, (x) => x + Q),
      'B off the twist': changed(proof, 5, (y) => y + 1n),
      'B outside the group': [...proof.slice(0, 2), ...outside, ...proof.slice(6)],
      'C off the curve': changed(proof, 6, (x) => x + 1n),
      zeros: proof.map(() => 0n),
    }
    for (const [kind, bad] of Object.entries(kinds)) {
      const { inputHash, outputHash } = hashesOf(claim)
      const data = [inputHash, outputHash, '0x', encodeGroth16Claim({ ...claim, proof: bad })]
      expect(await registry.verify(...data), kind).to.equal(false)
    }
  })
})

/** A = α, B = β + δ, C = α: holds whenever V is zero. */
function canceled({ vk_alpha_1, vk_beta_2, vk_delta_2 }: PackedCircuit['verifyingKey']): bigint[] {
  const { Fp2 } = bn254.fields
  const point = ([x, y]: typeof vk_beta_2) =>
    bn254.G2.ProjectivePoint.fromAffine({
      x: Fp2.fromBigTuple([BigInt(x[0]), BigInt(x[1])]),
      y: Fp2.fromBigTuple([BigInt(y[0]), BigInt(y[1])]),
    })
  const { x, y } = point(vk_beta_2).add(point(vk_delta_2)).toAffine()
  const word = (value: { c0: bigint; c1: bigint }): [string, string] => [`${value.c0}`, `${value.c1}`]
  const alpha = [BigInt(vk_alpha_1[0]), BigInt(vk_alpha_1[1])]
  return [...alpha, ...wordsOfG2([word(x), word(y), ['1', '0']]), ...alpha]
}
