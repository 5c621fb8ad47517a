import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type Contract, concat } from 'ethers'
import {
  buildCircuits,
  type CircuitInputs,
  commitValues,
  endProver,
  infer,
  loadModel,
  loadWitness,
  prove,
} from '../../../circuits/index.ts'
import { mnist } from '../../../circuits/zkml/training/mnist.ts'
import { contextOf, encodeGroth16Claim, signalsHash } from '../../../protocol/src/groth16/claim.ts'
import { wordsOfProof } from '../../../protocol/src/groth16/proof.ts'
import { keyBytes, keyIdOf, snarkjsKeySchema } from '../../../protocol/src/groth16/verifyingKey.ts'
import { agentIdOf } from '../../../protocol/src/proof/taskInput.ts'
import { expectConserved } from '../support/conservation.ts'
import { claimOf as signedClaim } from '../support/falseProof.ts'
import { netOf } from '../support/fees.ts'
import { buildWorld, connect, ethers, PRICE_WEI, type World } from '../support/mesh.ts'
import type { Order } from '../support/typedData.ts'

type Hex = `0x${string}`

const SELECTOR = '0x61600001'
const GAS_CAP = 1_000_000
const SALT = 12_345_678_901_234_567_890n
const PIXELS = 14 * 14

/** The first image of the test set with a label. */
function imageOf(label: number): number[] {
  const { pixels, labels } = mnist('t10k', 14)
  const index = labels.indexOf(label)
  return Array.from(pixels.subarray(index * PIXELS, (index + 1) * PIXELS))
}

/** A mesh whose verifier knows the digit classifier by a key that was made on this machine. */
async function digitWorld() {
  const [circuit] = await buildCircuits(['digits-constant'])
  if (!circuit) throw new Error('No circuit was built')
  const witnessOf = await loadWitness(await readFile(circuit.wasmPath))
  const zkey = await readFile(circuit.zkeyPath)
  const key = keyBytes(snarkjsKeySchema.parse(circuit.verifyingKey))
  const [owner] = await ethers.getSigners()
  const verifier = (await ethers.deployContract('Groth16Verifier')) as unknown as Contract
  await verifier.getFunction('registerKey')(key)
  const adapter = await ethers.deployContract('Groth16Adapter', [verifier])
  const router = await ethers.deployContract('VerifierRouter', [owner, owner])
  await router.addVerifier(SELECTOR, adapter, GAS_CAP, '0x')
  const agent = await ethers.deployContract('MeshAgentVerifier', [router])
  const world = await buildWorld({ agentVerifier: await agent.getAddress() })
  const provenBy = (inputs: CircuitInputs) => prove(zkey, witnessOf(inputs))
  return { world, modelId: keyIdOf(key), provenBy }
}

type DigitWorld = Awaited<ReturnType<typeof digitWorld>>

/** An order for the class of an image that only its commitment shows. */
function digitOrder({ world, modelId }: DigitWorld, pixels: number[]): Promise<Order> {
  const inputHash = signalsHash([commitValues(pixels, 4, SALT)])
  const policy = concat([SELECTOR, ethers.dataSlice(ethers.id('digits'), 4)])
  return world.orderOf({ kind: 2, mode: 4, modelId, inputHash, policy })
}

/** What a provider brings: a proof of the image's class for this order. */
async function claimOf(digits: DigitWorld, order: Order, pixels: number[], providerId = 1) {
  const taskId = digits.world.jobIdOf(order) as Hex
  const agentId = agentIdOf(providerId)
  const { proof, publicSignals } = await digits.provenBy({
    ctx: contextOf(taskId, agentId),
    pixels,
    salt: SALT,
  })
  const [found = 0n, commitment = 0n] = publicSignals.map(BigInt)
  const policy = order.policy as Hex
  const rest = { taskId, agentId, modelId: digits.modelId, policy, proof: wordsOfProof(proof as never) }
  const bytes = (results: bigint[]) => encodeGroth16Claim({ ...rest, results, request: [commitment] })
  return { found, bytes }
}

async function settle(world: World, order: Order, output: string, bytes: string, index = 0) {
  const { key, id } = world.provider(index)
  const signature = await world.signOrder(order)
  return connect(world.mesh, key).settleProof(order, signature, id, output, bytes)
}

describe('A digit whose class is proved', () => {
  let digits: DigitWorld
  before(async () => {
    digits = await digitWorld()
  })
  after(endProver)

  it('is paid in one transaction: a real image, a real proof, the real verifier', async () => {
    const { world } = digits
    const pixels = imageOf(7)
    const order = await digitOrder(digits, pixels)
    const { found, bytes } = await claimOf(digits, order, pixels)
    expect(found).to.equal(BigInt(infer(loadModel('digits'), pixels).class))
    const before = await world.freeOf(world.provider(0).owner)
    const output = signalsHash([found])
    await expect(settle(world, order, output, bytes([found])))
      .to.emit(world.mesh, 'ProofSettled')
      .withArgs(world.jobIdOf(order), 1, PRICE_WEI, output)
    expect((await world.freeOf(world.provider(0).owner)) - before).to.equal(netOf(PRICE_WEI))
    await expectConserved(world)
  })

  it('is refused with another class, another image, another job and another provider', async () => {
    const { world } = digits
    const pixels = imageOf(3)
    const order = await digitOrder(digits, pixels)
    const { found, bytes } = await claimOf(digits, order, pixels)
    const output = signalsHash([found])
    const other = (found + 1n) % 10n
    const refused = (sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(world.mesh, 'BadProof')
    await refused(settle(world, order, signalsHash([other]), bytes([other])))
    await refused(settle(world, order, signalsHash([other]), bytes([found])))
    await refused(settle(world, await digitOrder(digits, imageOf(4)), output, bytes([found])))
    await refused(settle(world, await digitOrder(digits, pixels), output, bytes([found])))
    await refused(settle(world, order, output, bytes([found]), 1))
    await settle(world, order, output, bytes([found]))
    await expectConserved(world)
  })

  it('costs the key of whoever signs that a forged proof holds, and not of whoever proved it', async () => {
    const { world } = digits
    const pixels = imageOf(5)
    const order = await digitOrder(digits, pixels)
    const { found, bytes } = await claimOf(digits, order, pixels)
    const report = async (results: bigint[], outputHash: string) =>
      connect(world.mesh, world.stranger).proveFalseProof(
        ...(await signedClaim(world, order, bytes(results), { outputHash })),
      )
    await expect(report([found], signalsHash([found]))).to.be.revertedWithCustomError(
      world.mesh,
      'ProofHolds',
    )
    const other = (found + 1n) % 10n
    await expect(report([other], signalsHash([other]))).to.emit(world.mesh, 'FalseProofProven')
    await expectConserved(world)
  })
})
