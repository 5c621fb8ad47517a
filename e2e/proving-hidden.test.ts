// Hidden models on a mesh of real processes: the weights are with their owner's node alone, the commitment is on chain.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { commitValues, hiddenModelText, loadModel, readHiddenModel } from '@duckmesh/circuits'
import type { Hex } from 'viem'
import { bringUp, type TestMesh } from './support/bringUp.ts'
import {
  classOf,
  digitTask,
  imageOf,
  outcomesOf,
  payments,
  priceWei,
  provers,
  SALT,
} from './support/digits.ts'
import { runDuckmesh } from './support/duckmesh.ts'
import { moneyMoved, readMoney } from './support/money.ts'

const CIRCUIT = 'digits-hidden'

describe('a hidden model', () => {
  let mesh: TestMesh
  let folder: string
  let commitment: bigint
  let modelId: Hex

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-hidden-'))
    const path = join(folder, 'digits.json.hidden')
    await writeFile(path, hiddenModelText(loadModel('digits'), 2n ** 200n + 7n), { mode: 0o600 })
    const hidden = readHiddenModel(await readFile(path, 'utf8'))
    commitment = hidden.commitment
    mesh = await bringUp({
      providers: [{ name: 'mallard', kind: 'honest', proofPriceDuck: '0.2' }],
      proofCircuits: [CIRCUIT],
      env: { PROOF_HIDDEN_MODEL: path },
    })
    await provers(mesh, 1)
    const keyId = mesh.info.proofKeys[CIRCUIT]!
    const { metadataHash } = hidden
    modelId = (await mesh.client.registerHiddenModel({ keyId, commitment, metadataHash })).modelId
  })
  afterEach((test) => mesh?.note(test))
  after(async () => {
    await mesh?.end()
    await rm(folder, { recursive: true, force: true })
  })

  /** An order as a buyer makes it who knows the id of the model alone. */
  async function hiddenTask(pixels: number[], changes: object = {}) {
    const model = await mesh.client.getHiddenModel(modelId)
    return digitTask(mesh, pixels, {
      circuit: CIRCUIT,
      modelId: model.keyId,
      request: [commitValues(pixels, 4, SALT), model.commitment],
      inputs: { pixels: [pixels.map(String)], salt: [String(SALT)] },
      privacyLevel: 2,
      ...changes,
    })
  }

  test('is proved by its owner for a sealed image, under the commitment that is registered', async () => {
    const pixels = imageOf(7)
    const before = await readMoney(mesh.client)
    const proven = await mesh.client.proveTask(await hiddenTask(pixels))
    assert.deepEqual(proven.results, [classOf(pixels)])
    assert.equal(await payments(mesh, proven), 1)
    assert.equal(moneyMoved(before, await readMoney(mesh.client)).buyerWei, -priceWei)
    const { owner, commitment: registered } = await mesh.client.getHiddenModel(modelId)
    assert.equal(owner, mesh.client.account)
    assert.equal(registered, commitment)
  })

  test('shows its weights nowhere: neither the task nor the logs hold one, or the salt', async () => {
    const { inputs } = readHiddenModel(hiddenModelText(loadModel('digits'), 2n ** 200n + 7n))
    const logs = await readFile(join(mesh.stateDir, 'logs', 'mallard.log'), 'utf8')
    for (const secret of [inputs.modelSalt, ...inputs.weights1.slice(0, 20)])
      assert.ok(!logs.includes(secret))
  })

  test('is not proved when the order names another commitment: the prover gives the task back unpaid', async () => {
    const pixels = imageOf(3)
    const before = await readMoney(mesh.client)
    const request = [commitValues(pixels, 4, SALT), commitment + 1n]
    const task = await mesh.client.prepareTask(await hiddenTask(pixels, { request, withinSeconds: 20 }))
    await mesh.client.sendTask(task)
    await assert.rejects(mesh.client.waitForProof(task), { code: 'TASK_FAILED' })
    assert.ok((await outcomesOf(mesh, task)).every((outcome) => outcome === 'declined'))
    assert.equal((await readMoney(mesh.client)).buyerWei, before.buyerWei)
  })

  test('is registered once, and found by its id alone', async () => {
    const { keyId } = await mesh.client.getHiddenModel(modelId)
    const { metadataHash } = readHiddenModel(hiddenModelText(loadModel('digits'), 0n))
    const again = await mesh.client.registerHiddenModel({ keyId, commitment, metadataHash })
    assert.deepEqual(again, { modelId, transactions: [] })
    const none = `0x${'56'.repeat(32)}` as const
    await assert.rejects(mesh.client.getHiddenModel(none), { code: 'MODEL_UNREGISTERED' })
    await assert.rejects(mesh.client.getModel(modelId), { code: 'MODEL_UNREGISTERED' })
  })

  test('serves the command: hide, show, prove', async () => {
    const path = join(folder, 'model.json')
    await writeFile(path, JSON.stringify(loadModel('digits')))
    const hide = () => runDuckmesh(mesh, ['model', 'hide', path, '--json'])
    const hidden = await hide()
    assert.equal(hidden.code, 0, hidden.stdout)
    const { modelId: own, file, commitment: fresh } = JSON.parse(hidden.stdout)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.equal(String(readHiddenModel(await readFile(file, 'utf8')).commitment), fresh)
    assert.deepEqual(JSON.parse((await hide()).stdout), { ...JSON.parse(hidden.stdout), transactions: [] })
    const shown = await runDuckmesh(mesh, ['model', 'show', own])
    assert.match(shown.stdout, /weights +hidden/)
    const args = ['prove', 'digit', '--mnist', '0', '--mode', 'hidden', '--json']
    const proved = await runDuckmesh(mesh, [...args, '--key', modelId])
    assert.equal(proved.code, 0, proved.stdout)
    assert.equal(JSON.parse(proved.stdout).digit, 7)
    assert.equal(JSON.parse((await runDuckmesh(mesh, args)).stdout).error.code, 'BAD_CONFIG')
  })
})
