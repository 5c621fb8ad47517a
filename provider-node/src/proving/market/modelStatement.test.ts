import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { hiddenModelText, hideModel, loadModel, packModel } from '@duckmesh/circuits'
import { keyBytes, keyIdOf, type SnarkjsKey } from '@duckmesh/protocol'
import { hiddenStatement, packedStatement } from './modelStatement.ts'

const point: SnarkjsKey['vk_alpha_1'] = ['1', '2', '1']
const g2: SnarkjsKey['vk_beta_2'] = [
  ['1', '2'],
  ['3', '4'],
  ['1', '0'],
]
const key = (inputs: number): SnarkjsKey => ({
  vk_alpha_1: point,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: Array.from({ length: inputs + 1 }, () => point),
})
const refusal = (setting: string) => (error: unknown) => {
  const { code, details, message } = error as { code: string; details: { setting: string }; message: string }
  assert.deepEqual([code, details.setting], ['BAD_CONFIG', setting])
  assert.ok(!message.includes('987654321'), 'the salt is a secret')
  return true
}

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckmesh-models-'))
})
after(() => rm(folder, { recursive: true, force: true }))

async function fileOf(text: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'model.json')
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

test('a model with public weights is served under the id that its weights give it', async () => {
  const shipped = await packedStatement(key(428))
  const { weights, inputs } = packModel(loadModel('digits'))
  assert.deepEqual(shipped.weights, weights)
  assert.deepEqual(shipped.ownInputs, inputs)
  assert.equal(
    (await packedStatement(key(428), await fileOf(JSON.stringify(loadModel('digits'))))).modelId,
    shipped.modelId,
  )
  const other = { ...loadModel('digits'), name: 'other' }
  assert.notEqual(
    (await packedStatement(key(428), await fileOf(JSON.stringify(other)))).modelId,
    shipped.modelId,
  )
})

test('a hidden model is served under its key, with its commitment at the end of requests', async () => {
  const model = loadModel('digits')
  const hidden = await hiddenStatement(key(4), await fileOf(hiddenModelText(model, 987654321n)))
  assert.equal(hidden.modelId, keyIdOf(keyBytes(key(4))))
  assert.deepEqual(hidden.ownRequest, [hideModel(model, 987654321n).commitment])
  assert.equal(hidden.ownInputs.modelSalt, '987654321')
})

test('files that are missing, none, of another shape or open to others are refused without showing what is in them', async () => {
  const text = hiddenModelText(loadModel('digits'), 987654321n)
  await assert.rejects(packedStatement(key(428), join(folder, 'none')), refusal('PROOF_MODEL'))
  await assert.rejects(packedStatement(key(428), await fileOf('{')), refusal('PROOF_MODEL'))
  await assert.rejects(
    packedStatement(key(428), await fileOf(JSON.stringify(loadModel('lenet')))),
    refusal('PROOF_MODEL'),
  )
  for (const mode of [0o640, 0o604, 0o610])
    await assert.rejects(hiddenStatement(key(4), await fileOf(text, mode)), refusal('PROOF_HIDDEN_MODEL'))
  const bad = [text.slice(0, -1), text.replace('987654321', 'x987654321'), text.replace('"salt"', '"salted"')]
  for (const wrong of bad)
    await assert.rejects(hiddenStatement(key(4), await fileOf(wrong)), refusal('PROOF_HIDDEN_MODEL'))
  await assert.rejects(hiddenStatement(key(4)), refusal('PROOF_HIDDEN_MODEL'))
})
