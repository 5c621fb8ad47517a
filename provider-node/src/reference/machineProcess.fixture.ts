// The other end of machine.fixture.ts.
import { DuckMeshError, type ReplayBody, type StreamRequest } from '@duckmesh/protocol'
import { getLlama, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp'
import type { Executor } from '../executors/executor.ts'
import { createLlamaExecutor } from '../executors/llamaExecutor.ts'
import { take } from '../executors/streamRequest.fixture.ts'
import { resolveModel } from '../models/modelRegistry.ts'
import type { MachineAnswer, MachineCalls } from './machine.fixture.ts'

type Calls = {
  [Name in keyof MachineCalls]: (
    ...parameters: Parameters<MachineCalls[Name]>
  ) => Promise<ReturnType<MachineCalls[Name]>>
}

/** Machines share one CPU with whatever else runs: nothing is to fail for being slow. */
const PATIENCE_MS = 1_800_000
const threads = process.env.THREADS ? Number(process.env.THREADS) : undefined
const executors = new Map<string, Promise<Executor>>()
const vocabularies = new Map<string, Promise<LlamaModel>>()

function open(model: string): Promise<Executor> {
  const opened =
    executors.get(model) ??
    resolveModel(model).then((found) =>
      createLlamaExecutor({ model: found, threads, replayTimeoutMs: PATIENCE_MS }),
    )
  executors.set(model, opened)
  return opened
}

function openVocabulary(model: string): Promise<LlamaModel> {
  const load = async () => {
    const llama = await getLlama({
      build: 'never',
      gpu: false,
      skipDownload: true,
      logLevel: LlamaLogLevel.error,
    })
    return llama.loadModel({ modelPath: (await resolveModel(model)).path, vocabOnly: true })
  }
  const opened = vocabularies.get(model) ?? load()
  vocabularies.set(model, opened)
  return opened
}

async function answerOne(executor: Executor, request: StreamRequest): Promise<MachineAnswer> {
  if (request.api !== 'chat' && request.api !== 'completion') throw new Error('Only text can be replayed.')
  const startedMs = performance.now()
  const { pieces, promptTokens, finishReason } = await take(executor.generator!, request)
  const tookMs = performance.now() - startedMs
  const chunks = pieces.map((piece, index) => ({ index, ...piece }))
  return { request, profile: executor.profile, chunks, promptTokens, finishReason, tookMs }
}

const calls: Calls = {
  profile: async (model) => (await open(model)).profile,
  answer: async (model, requests) => {
    const executor = await open(model)
    return Promise.all(requests.map((request) => answerOne(executor, request)))
  },
  replay: async (model, body) => {
    const { replayer } = await open(model)
    const startedMs = performance.now()
    const facts = await replayer!.replay(body as ReplayBody, new AbortController().signal)
    return { facts, tookMs: performance.now() - startedMs }
  },
  text: async (model, prompt, tokens) => {
    const vocabulary = await openVocabulary(model)
    return vocabulary.detokenize(tokens as Token[], false, vocabulary.tokenize(prompt).slice(-3))
  },
  tokens: async (model, text) => (await openVocabulary(model)).tokenize(text),
}

process.on(
  'message',
  async ({ id, name, parameters }: { id: number; name: keyof Calls; parameters: never }) => {
    try {
      const call = calls[name] as (...values: unknown[]) => Promise<unknown>
      process.send?.({ id, result: await call(...(parameters as unknown[])) })
    } catch (error) {
      const { code, message } = DuckMeshError.from(error)
      process.send?.({ id, error: `${code} ${message} ${String((error as Error).stack)}` })
    }
  },
)
process.on('disconnect', async () => {
  for (const executor of executors.values()) await (await executor).close()
  for (const model of vocabularies.values()) await (await model).dispose()
  process.exit(0)
})
