import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { knownModels, modelsFolder } from './knownModels.ts'
import { resolveModel } from './modelRegistry.ts'

async function setup(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-models-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

describe('resolveModel', () => {
  for (const { name, file, sha256, sizeBytes } of knownModels.filter(({ shipped }) => shipped)) {
    test(`the shipped file of ${name} is the pinned one`, async () => {
      const model = await resolveModel(name)
      assert.equal(model.path, join(modelsFolder, file))
      assert.equal(model.modelId, `0x${sha256}`)
      assert.equal((await readFile(model.path)).length, sizeBytes)
      assert.deepEqual(await resolveModel(model.modelId), model)
    })
  }

  test('names are unique, and so are contents', () => {
    assert.equal(new Set(knownModels.map(({ name }) => name)).size, knownModels.length)
    assert.equal(new Set(knownModels.map(({ sha256 }) => sha256)).size, knownModels.length)
  })

  test('a name that nobody knows lists the ones that exist', async () => {
    await assert.rejects(resolveModel('gpt-9'), (error: DuckMeshError) => {
      assert.equal(error.code, 'UNKNOWN_MODEL')
      assert.deepEqual(error.details.known, ['stories15m', 'stories15m-q4', 'duck1m', 'tinyllama', 'minilm'])
      return true
    })
  })

  test('a known model with one changed byte is refused, with both hashes', async (t) => {
    const folder = await setup(t)
    const content = await readFile(join(modelsFolder, 'duck1m-q8_0.gguf'))
    content[700_000] = content[700_000]! ^ 1
    await writeFile(join(folder, 'duck1m-q8_0.gguf'), content)
    await assert.rejects(resolveModel('duck1m', { folders: [folder] }), (error: DuckMeshError) => {
      assert.equal(error.code, 'MODEL_CORRUPT')
      assert.equal(error.details.expectedSha256, knownModels.find(({ name }) => name === 'duck1m')?.sha256)
      assert.notEqual(error.details.foundSha256, error.details.expectedSha256)
      return true
    })
  })

  test('a known model whose file is missing names the places that were searched', async (t) => {
    const folder = await setup(t)
    await assert.rejects(resolveModel('duck1m', { folders: [folder] }), (error: DuckMeshError) => {
      assert.equal(error.code, 'BAD_CONFIG')
      assert.deepEqual(error.details.lookedIn, [join(folder, 'duck1m-q8_0.gguf')])
      return true
    })
  })

  test('looks in the folders from first to last', async (t) => {
    const folder = await setup(t)
    await mkdir(join(folder, 'second'))
    const path = join(folder, 'second', 'duck1m-q8_0.gguf')
    await copyFile(join(modelsFolder, 'duck1m-q8_0.gguf'), path)
    assert.equal((await resolveModel('duck1m', { folders: [folder, join(folder, 'second')] })).path, path)
  })

  test("a file of one's own is named after itself, a renamed known model is recognised", async (t) => {
    const folder = await setup(t)
    await writeFile(join(folder, 'mine.gguf'), 'anything')
    const mine = await resolveModel(join(folder, 'mine.gguf'))
    assert.equal(mine.name, 'mine')
    assert.equal(mine.known, undefined)
    await copyFile(join(modelsFolder, 'duck1m-q8_0.gguf'), join(folder, 'other.gguf'))
    assert.equal((await resolveModel(join(folder, 'other.gguf'))).name, 'duck1m')
    const missing = resolveModel(join(folder, 'none.gguf'))
    await assert.rejects(missing, (error) => error instanceof DuckMeshError && error.code === 'BAD_CONFIG')
  })
})
