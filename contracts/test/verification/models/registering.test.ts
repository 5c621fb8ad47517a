import { expect } from 'chai'
import { foldModel } from '../../../../protocol/src/groth16/foldModel.ts'
import { modelIdOf, weightsHashOf } from '../../../../protocol/src/groth16/model.ts'
import { changed, Q, R } from '../../support/groth16.ts'
import { ethers, networkHelpers } from '../../support/mesh.ts'
import {
  FIRST,
  METADATA,
  type PackedCircuit,
  packedCircuit,
  type Registry,
  register,
  registryOf,
} from '../../support/models.ts'

const NOBODY = { parts: 0n, x: 0n, y: 0n, weightsHash: ethers.ZeroHash }
const POINT_BYTES = 64

describe('Registering a model', () => {
  let circuit: PackedCircuit
  let registry: Registry
  const fixture = async () => registryOf(circuit)

  before(async () => {
    circuit = await packedCircuit()
  })
  beforeEach(async () => {
    registry = await networkHelpers.loadFixture(fixture)
  })

  const as = async (index: number): Promise<Registry> =>
    registry.connect((await ethers.getSigners())[index]) as unknown as Registry
  const add = (weights: bigint[], fromPart = 0, by = registry, metadata = METADATA) =>
    by.addWeights(circuit.tuple, metadata, fromPart, weights)
  const refused = (sent: Promise<unknown>, error: string, ...args: unknown[]) =>
    expect(sent)
      .to.be.revertedWithCustomError(registry, error)
      .withArgs(...args)

  it('computes from the weights the point that the protocol computes', async () => {
    const { architecture, architectureId, tuple, verifyingKey, weights } = circuit
    const [account] = await ethers.getSigners()
    const modelId = modelIdOf(tuple, weights, METADATA)
    await expect(add(weights))
      .to.emit(registry, 'ModelRegistered')
      .withArgs(modelId, architectureId, account.address, weightsHashOf(weights), METADATA)
    const [x, y] = (await foldModel(verifyingKey, architecture, weights)).IC[0]!
    expect((await registry.modelOf(modelId)).map(String)).to.deep.equal([tuple.keyId, x, y])
  })

  it('names another model when one weight, the order of two, or the description is another', async () => {
    const { tuple, weights } = circuit
    const swapped = [weights[1]!, weights[0]!, ...weights.slice(2)]
    const other = changed(weights, 424, (weight) => weight + 1n)
    const ids = [
      await register(registry, circuit, weights),
      await register(registry, circuit, swapped),
      await register(registry, circuit, other),
      await register(registry, circuit, weights, ethers.id('another') as never),
    ]
    expect(new Set(ids).size).to.equal(4)
    const points = await Promise.all(ids.map(async (id) => (await registry.modelOf(id)).x as bigint))
    expect(new Set(points).size, 'the description has no part in the point').to.equal(3)
    expect(await registry.modelOf(modelIdOf(tuple, other, ethers.ZeroHash as never))).to.deep.equal([
      ethers.ZeroHash,
      0n,
      0n,
    ])
  })

  it('comes to the same in two transactions, and nothing of the first can be proved with', async () => {
    const { architectureId, tuple, weights } = circuit
    const [account] = await ethers.getSigners()
    const modelId = modelIdOf(tuple, weights, METADATA)
    await expect(add(weights.slice(0, FIRST)))
      .to.emit(registry, 'WeightsAdded')
      .withArgs(architectureId, METADATA, account.address, 1)
    const half = modelIdOf(tuple, weights.slice(0, FIRST), METADATA)
    for (const id of [modelId, half]) expect((await registry.modelOf(id)).keyId).to.equal(ethers.ZeroHash)
    expect((await registry.draftOf(account, architectureId, METADATA)).parts).to.equal(1n)
    await add(weights.slice(FIRST), 1)
    expect(await registry.draftOf(account, architectureId, METADATA)).to.deep.equal(Object.values(NOBODY))
    const inParts = await registry.modelOf(modelId)
    await register(registry, circuit, weights)
    expect(await registry.modelOf(modelId)).to.deep.equal(inParts)
  })

  it("cannot be finished or disturbed by another account: drafts are their sender's", async () => {
    const { architectureId, tuple, weights } = circuit
    const [account, other] = await ethers.getSigners()
    const evil = changed(weights, 0, () => 0n)
    await add(weights.slice(0, FIRST))
    await refused(add(weights.slice(FIRST), 1, await as(1)), 'WrongPart', 1, 0)
    await add(evil.slice(0, FIRST), 0, await as(1))
    await add(weights.slice(FIRST), 1)
    expect((await registry.modelOf(modelIdOf(tuple, weights, METADATA))).keyId).to.equal(tuple.keyId)
    expect((await registry.draftOf(other, architectureId, METADATA)).parts).to.equal(1n)
    expect((await registry.draftOf(account, architectureId, METADATA)).parts).to.equal(0n)
  })

  it('goes on where it was cut off: a part that is sent again is refused, and part 0 begins anew', async () => {
    const { tuple, weights } = circuit
    const wrong = changed(weights, 5, (weight) => weight + 1n)
    await add(wrong.slice(0, FIRST))
    await refused(add(weights.slice(FIRST), 2), 'WrongPart', 2, 1)
    await add(weights.slice(0, FIRST))
    await add(weights.slice(FIRST), 1)
    await refused(add(weights.slice(FIRST), 1), 'WrongPart', 1, 0)
    expect((await registry.modelOf(modelIdOf(tuple, weights, METADATA))).keyId).to.equal(tuple.keyId)
    expect((await registry.modelOf(modelIdOf(tuple, wrong, METADATA))).keyId).to.equal(ethers.ZeroHash)
  })

  it('refuses a weight that is not below the group order, wherever it is', async () => {
    const { weights } = circuit
    for (const index of [0, FIRST - 1, 424]) {
      for (const value of [(weight: bigint) => weight + R, () => R, () => 2n ** 256n - 1n])
        await refused(add(changed(weights, index, value)), 'WeightOutOfField')
    }
    await add(changed(weights, 0, () => R - 1n))
  })

  it('takes whole parts alone', async () => {
    const { weights } = circuit
    await refused(add([]), 'WrongWeightCount', 0, 383)
    await refused(add(weights.slice(0, 382)), 'WrongWeightCount', 382, 383)
    await refused(add(weights.slice(0, 424)), 'WrongWeightCount', 424, 425)
    await refused(add([...weights, 0n]), 'WrongWeightCount', 426, 425)
    await add(weights.slice(0, FIRST))
    await refused(add([], 1), 'WrongWeightCount', 0, 42)
  })

  it('refuses a key or a basis that is not stored, and one that is stored as the other', async () => {
    const { tuple, weights } = circuit
    const { keyId, basisIds } = tuple
    const [first = '', second = ''] = basisIds
    const register = (architecture: object) => registry.addWeights(architecture, METADATA, 0, weights)
    await refused(register({ keyId: METADATA, basisIds }), 'UnknownKey', METADATA)
    await refused(register({ keyId: first, basisIds }), 'UnknownKey', first)
    await refused(register({ keyId, basisIds: [first, METADATA] }), 'UnknownBasis', METADATA)
    await refused(register({ keyId, basisIds: [keyId, second] }), 'UnknownBasis', keyId)
    await refused(register({ keyId, basisIds: [] }), 'WrongWeightCount', 425, 0)
    await expect(registry.basisOf(METADATA)).to.be.revertedWithCustomError(registry, 'UnknownBasis')
  })

  it('names another model under another basis, and lets only the last one have room', async () => {
    const { architecture, tuple, weights } = circuit
    const { keyId, basisIds } = tuple
    const [first = '', second = ''] = basisIds
    const reversed = { keyId, basisIds: [second, first] as `0x${string}`[] }
    await refused(registry.addWeights(reversed, METADATA, 0, weights), 'BasisNotFull', second)
    // the same points in another order: well-formed, and another architecture
    const [points = '0x'] = architecture.bases
    const turned = ethers.concat([
      ethers.dataSlice(points, POINT_BYTES),
      ethers.dataSlice(points, 0, POINT_BYTES),
    ])
    await registry.storeBasis(turned)
    const wrong = {
      keyId,
      basisIds: [ethers.keccak256(ethers.concat(['0x600b380380600b5f395ff300', turned])), second],
    }
    await registry.addWeights(wrong, METADATA, 0, weights)
    const honest = modelIdOf(tuple, weights, METADATA)
    expect(modelIdOf(wrong as never, weights, METADATA)).to.not.equal(honest)
    expect((await registry.modelOf(honest)).keyId).to.equal(ethers.ZeroHash)
  })

  it('stores no basis with a point off the curve, zero, out of the field, or of another length', async () => {
    const [full = '0x', points = '0x'] = circuit.architecture.bases
    const [x, y] = [0, 32].map((from) => BigInt(ethers.dataSlice(points, from, from + 32))) as [
      bigint,
      bigint,
    ]
    const rest = ethers.dataSlice(points, POINT_BYTES)
    const bytes = (...words: bigint[]) => ethers.concat(words.map((word) => ethers.toBeHex(word, 32)))
    for (const bad of [bytes(x, y + 1n), bytes(0n, 0n), bytes(x + Q, y)])
      await refused(registry.storeBasis(ethers.concat([rest, bad])), 'BadBasisPoint', 41)
    for (const bad of ['0x', ethers.dataSlice(points, 1), ethers.concat([full, bytes(x, y)])])
      await refused(registry.storeBasis(bad), 'BadBasisLength', ethers.dataLength(bad))
    await expect(registry.storeBasis(points), 'again').to.not.emit(registry, 'BasisStored')
  })

  it('keeps a commitment to a hidden model with its owner, and takes no point for it', async () => {
    const [owner, other] = await ethers.getSigners()
    const { keyId } = circuit.tuple
    const id = (account: string, commitment = 42n) =>
      ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(
          ['bytes32', 'uint256', 'address', 'bytes32'],
          [keyId, commitment, account, METADATA],
        ),
      )
    await expect(registry.registerHidden(keyId, 42n, METADATA))
      .to.emit(registry, 'HiddenModelRegistered')
      .withArgs(id(owner.address), keyId, owner.address, 42n, METADATA)
    expect(await registry.hiddenModelOf(id(owner.address))).to.deep.equal([owner.address, keyId, 42n])
    // who copies the commitment gets an id of its own
    await (await as(1)).registerHidden(keyId, 42n, METADATA)
    expect((await registry.hiddenModelOf(id(other.address))).owner).to.equal(other.address)
    expect((await registry.hiddenModelOf(id(owner.address))).owner).to.equal(owner.address)
    expect((await registry.modelOf(id(owner.address))).keyId, 'no proof reads it').to.equal(ethers.ZeroHash)
    await refused(registry.registerHidden(keyId, R, METADATA), 'CommitmentOutOfField', R)
    expect((await registry.hiddenModelOf(METADATA)).owner).to.equal(ethers.ZeroAddress)
  })
})
