import {
  DuckMeshError,
  type InferenceRequest,
  type InferenceResult,
  inferenceResultSchema,
} from '@duckmesh/protocol'
import { z } from 'zod'
import type { ExecutorRun } from './executor.ts'
import { samplerRules } from './profile.ts'

/** The two ways to ask an OpenAI-compatible server for text. */
export type OpenAiApi = 'completions' | 'chat'

/** Paths below the base URL. Source: OpenAI API reference, "Completions", "Chat" and "Embeddings". */
export const openAiPaths = {
  completions: 'v1/completions',
  chat: 'v1/chat/completions',
  embeddings: 'v1/embeddings',
} as const

const finishReason = z.enum(['stop', 'length'])
const usage = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).partial()

const answerSchemas = {
  completions: z.object({
    choices: z.array(z.object({ text: z.string(), finish_reason: finishReason })).length(1),
    usage: usage.nullish(),
  }),
  chat: z.object({
    choices: z
      .array(z.object({ message: z.object({ content: z.string() }), finish_reason: finishReason }))
      .length(1),
    usage: usage.nullish(),
  }),
}

/**
 * JSON body that asks for a run.
 * @param extendedSampler also send `top_k` and `min_p`, which OpenAI itself does not know but llama.cpp, vLLM and
 * Ollama do, and whose defaults there differ from our sampler rules
 */
export function openAiBody(
  request: InferenceRequest,
  { api, model, extendedSampler }: { api: OpenAiApi; model: string; extendedSampler: boolean },
): Record<string, unknown> {
  const { topK, topP, minP } = samplerRules
  return {
    model,
    ...(api === 'chat'
      ? { messages: [{ role: 'user', content: request.prompt }] }
      : { prompt: request.prompt }),
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    seed: request.seed,
    top_p: topP,
    ...(extendedSampler && { top_k: topK, min_p: minP }),
    stream: false,
  }
}

/**
 * Reads the answer. Token ids are not part of the OpenAI format, so `tokens` is empty.
 * @throws DuckMeshError `EXECUTOR_FAILED` when it is no JSON or not of the documented shape
 */
export function parseOpenAiAnswer(text: string, api: OpenAiApi, maxTokens: number): ExecutorRun {
  try {
    const json: unknown = JSON.parse(text)
    const [content, choice, counts] = api === 'chat' ? readChat(json) : readCompletion(json)
    // llamafile 0.8.1 says `stop` also when it ran into the limit; the count tells the truth.
    const full = (counts?.completion_tokens ?? 0) >= maxTokens
    const result: InferenceResult = { text: content, tokens: [], finishReason: full ? 'length' : choice }
    return { result: inferenceResultSchema.parse(result), promptTokens: counts?.prompt_tokens ?? 0 }
  } catch (cause) {
    throw new DuckMeshError(
      'EXECUTOR_FAILED',
      'The server gave an answer of another form.',
      { api },
      { cause },
    )
  }
}

type Reading = [
  text: string,
  finishReason: 'stop' | 'length',
  usage: z.output<typeof usage> | null | undefined,
]

function readChat(json: unknown): Reading {
  const { choices, usage } = answerSchemas.chat.parse(json)
  return [choices[0]!.message.content, choices[0]!.finish_reason, usage]
}

function readCompletion(json: unknown): Reading {
  const { choices, usage } = answerSchemas.completions.parse(json)
  return [choices[0]!.text, choices[0]!.finish_reason, usage]
}
