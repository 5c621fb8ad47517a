// Models with public weights on a mesh of real processes: registered on chain, ordered by their id, proved, and read back.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { buildCircuits, loadModel, type Model, PACKED_WEIGHTS, packModel } from '@duckmesh/circuits'
import {
  architectureOf,
  basisPartsOf,
  GROTH16_SELECTOR,
  MODEL_SELECTOR,
  modelIdOf,
  type SnarkjsKey,
  snarkjsKeySchema,
} from '@duckmesh/protocol'
import { modelRegistryAbi } from '@duckmesh/protocol/modules'
import type { Hex } from 'viem'
import { bringUp, type TestMesh } from './support/bringUp.ts'
import { classOf, digitTask, imageOf, netWei, payments, priceWei, provers } from './support/digits.ts'
import { runDuckmesh } from './support/duckmesh.ts'
import { moneyMoved, readMoney } from './support/money.ts'

const CIRCUIT = 'digits-packed'

/** The digit classifier with the biases of its classes turned round: the same shape, another model. */
function otherModel(name: string): Model {
  const model = loadModel('digits')
  const last = model.layers.at(-1)!
  const biases = last.weights.map((row) => row.at(-1)!).toReversed()
  last.weights = last.weights.map((row, unit) => [...row.slice(0, -1), biases[unit]!])
  return { ...model, name }
}

describe('a model with public weights', () => {
  let mesh: TestMesh
  let key: SnarkjsKey
  let modelId: Hex

  before(async () => {
    mesh = await bringUp({
      providers: [{ name: 'mallard', kind: 'honest', proofPriceDuck: '0.2' }],
      proofCircuits: ['digits-constant', CIRCUIT],
    })
    await provers(mesh, 1)
    const [built] = await buildCircuits([CIRCUIT])
    key = snarkjsKeySchema.parse(built!.verifyingKey)
    modelId = mesh.info.proofKeys[CIRCUIT]!
  })
  afterEach((test) => mesh?.note(test))
  after(() => mesh?.end())

  const packedTask = (pixels: number[], changes: object = {}) =>
    digitTask(mesh, pixels, { circuit: CIRCUIT, modelId, selector: MODEL_SELECTOR, ...changes })

  test('is proved by the market: the order names the model, the chain judges and pays, the buyer verifies', async () => {
    const pixels = imageOf(7)
    const before = await readMoney(mesh.client)
    const proven = await mesh.client.proveTask(packedTask(pixels))
    assert.deepEqual(proven.results, [classOf(pixels)])
    const moved = moneyMoved(before, await readMoney(mesh.client))
    assert.equal(moved.buyerWei, -priceWei)
    assert.equal(moved.providers.find(({ providerId }) => providerId === proven.proverId)?.wei, netWei)
    assert.equal(await payments(mesh, proven), 1)
  })

  test('is proved for an image that its prover alone may see, with the weights of the prover alone', async () => {
    const pixels = imageOf(3)
    const zeros = (count: number) => Array.from({ length: count }, () => '0')
    const { inputs } = packedTask(pixels) as unknown as { inputs: object }
    const forged = { ...inputs, weights1: zeros(394), weights2: zeros(31) }
    const proven = await mesh.client.proveTask(packedTask(pixels, { privacyLevel: 2, inputs: forged }))
    assert.deepEqual(proven.results, [classOf(pixels)])
  })

  test('is ordered by its id and verifier together: neither goes with the other circuit', async () => {
    const refused = (changes: object) =>
      assert.rejects(mesh.client.proveTask(packedTask(imageOf(1), changes)), { code: 'UNKNOWN_CIRCUIT' })
    await refused({ selector: GROTH16_SELECTOR })
    await refused({ modelId: mesh.info.proofKeys['digits-constant']! })
    await refused({ circuit: 'digits-constant', modelId: mesh.info.proofKeys['digits-constant']! })
    await refused({ modelId: `0x${'12'.repeat(32)}` })
  })

  test('is read back from the chain, weights and all', async () => {
    const { weights, metadataHash } = packModel(loadModel('digits'))
    const model = await mesh.client.getModel(modelId)
    assert.deepEqual(model.weights, weights)
    assert.equal(model.metadataHash, metadataHash)
    assert.equal(modelIdOf(architectureOf(key, PACKED_WEIGHTS), weights, metadataHash), modelId)
    const none = `0x${'34'.repeat(32)}` as const
    await assert.rejects(mesh.client.getModel(none), { code: 'MODEL_UNREGISTERED' })
  })

  test('is registered once: a second time costs nothing', async () => {
    const { weights, metadataHash } = packModel(loadModel('digits'))
    const again = await mesh.client.registerModel({ key, weights, metadataHash })
    assert.deepEqual(again, { modelId, transactions: [] })
  })

  test('is registered to the end when its registration was cut off, and read back from both transactions', async () => {
    const { weights, metadataHash } = packModel(otherModel('cut off'))
    const { keyId, basisIds } = architectureOf(key, PACKED_WEIGHTS)
    const { publicClient, wallet } = mesh.client.context
    const [first = []] = basisPartsOf(weights)
    const hash = await wallet!.writeContract({
      address: mesh.info.modules.ModelRegistry!,
      abi: modelRegistryAbi,
      functionName: 'addWeights',
      args: [{ keyId, basisIds }, metadataHash, 0n, first],
    })
    await publicClient.waitForTransactionReceipt({ hash })
    const { modelId: cutOff, transactions } = await mesh.client.registerModel({ key, weights, metadataHash })
    assert.equal(transactions.length, 1)
    assert.deepEqual((await mesh.client.getModel(cutOff)).weights, weights)
  })

  test('serves the command: register, show, prove', async () => {
    const path = join(mesh.stateDir, 'model.json')
    await writeFile(path, JSON.stringify(otherModel('turned round')))
    const registered = await runDuckmesh(mesh, ['model', 'register', path, '--json'])
    assert.equal(registered.code, 0, registered.stdout)
    const { modelId: other } = JSON.parse(registered.stdout)
    assert.notEqual(other, modelId)
    const shown = await runDuckmesh(mesh, ['model', 'show', other])
    assert.match(shown.stdout, /weights +425, read from its calldata/)
    const proved = await runDuckmesh(mesh, ['prove', 'digit', '--mnist', '0', '--mode', 'packed', '--json'])
    assert.equal(proved.code, 0, proved.stdout)
    const { digit, modelId: used, verified } = JSON.parse(proved.stdout)
    assert.deepEqual({ digit, used, verified }, { digit: 7, used: modelId, verified: true })
    const args = ['prove', 'digit', '--mnist', '0', '--mode', 'packed', '--key', other, '--json']
    const nobody = await runDuckmesh(mesh, args)
    assert.equal(JSON.parse(nobody.stdout).error.code, 'UNKNOWN_CIRCUIT', 'no prover serves the other model')
    await writeFile(path, '{"name":"empty","inputBits":4,"layers":[]}')
    const bad = await runDuckmesh(mesh, ['model', 'register', path, '--json'])
    assert.equal(JSON.parse(bad.stdout).error.code, 'BAD_REQUEST')
  })
})
