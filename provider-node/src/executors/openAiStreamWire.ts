import { type ChatMessage, DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import type { GenerationEnd, Piece } from './generator.ts'
import { samplerRules } from './profile.ts'

type TextRequest = Extract<StreamRequest, { api: 'chat' | 'completion' }>

/** What the operator knows about the server. */
export type OpenAiDialect = {
  /** Name of the model on that server. */
  model: string
  /** Whether it takes `top_k` and `min_p`, and usage in each event; OpenAI itself refuses unknown fields. */
  extendedSampler: boolean
  /** Whether its log-probabilities carry token ids (`id`), as llama.cpp's server writes them. */
  givesTokenIds: boolean
}

const usageSchema = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0).optional() })
const scoreSchema = z.object({ id: z.int().min(0), token: z.string(), logprob: z.number() })
const logprobsSchema = z.object({
  content: z.array(scoreSchema.extend({ top_logprobs: z.array(scoreSchema).optional() })).nullish(),
})
const choiceShape = { finish_reason: z.string().nullish(), logprobs: z.unknown().optional() }
const eventSchemas = {
  chat: z.object({
    choices: z.array(
      z.object({
        delta: z.object({ content: z.string().nullish(), tool_calls: z.array(z.json()).nullish() }),
        ...choiceShape,
      }),
    ),
    usage: usageSchema.nullish(),
  }),
  completion: z.object({
    choices: z.array(z.object({ text: z.string(), ...choiceShape })),
    usage: usageSchema.nullish(),
  }),
}
const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: usageSchema.nullish(),
})

/** JSON body that asks for a streamed answer. Source: OpenAI API reference, "Chat" and "Completions". */
export function openAiStreamBody(
  request: TextRequest,
  { model, extendedSampler, givesTokenIds }: OpenAiDialect,
): Record<string, unknown> {
  const { maxTokens, temperature, topP, seed, stop, topLogprobs } = request
  const { topK, minP } = samplerRules
  const isChat = request.api === 'chat'
  return {
    model,
    ...(isChat ? { messages: request.messages.map(openAiMessage) } : { prompt: request.prompt }),
    ...(isChat && request.tools && { tools: request.tools }),
    ...(isChat && request.toolChoice !== null && { tool_choice: request.toolChoice }),
    max_tokens: maxTokens,
    temperature,
    seed,
    top_p: topP,
    ...(stop.length > 0 && { stop }),
    ...(extendedSampler && { top_k: topK, min_p: minP }),
    ...(givesTokenIds &&
      (isChat ? { logprobs: true, top_logprobs: topLogprobs } : { logprobs: topLogprobs })),
    stream: true,
    stream_options: { include_usage: true, ...(extendedSampler && { continuous_usage_stats: true }) },
  }
}

function openAiMessage({ toolCalls, toolCallId, ...message }: ChatMessage): Record<string, unknown> {
  return {
    ...message,
    ...(toolCalls && { tool_calls: toolCalls }),
    ...(toolCallId && { tool_call_id: toolCallId }),
  }
}

/** What one event says; parts that it does not have are undefined. */
export type OpenAiEvent = {
  piece: Piece | undefined
  promptTokens: number | undefined
  completionTokens: number | undefined
  finishReason: GenerationEnd['finishReason'] | undefined
}

/**
 * Reads one event of a streamed answer.
 * @throws DuckMeshError `EXECUTOR_FAILED` when it is an error, of another form, or ends the answer for a reason that
 * is no end of an answer
 */
export function parseOpenAiEvent(
  data: string,
  api: TextRequest['api'],
  { givesTokenIds }: OpenAiDialect,
): OpenAiEvent {
  try {
    const { choices, usage } = eventSchemas[api].parse(JSON.parse(data))
    const [choice] = choices
    const text = (choice && ('text' in choice ? choice.text : choice.delta.content)) ?? ''
    const toolCalls =
      choice && 'delta' in choice && choice.delta.tool_calls?.length ? choice.delta.tool_calls : undefined
    const scores = givesTokenIds ? (logprobsSchema.nullish().parse(choice?.logprobs)?.content ?? []) : []
    if (givesTokenIds && text !== '' && scores.length === 0) throw new Error('Token ids are missing.')
    const hasPiece = text !== '' || toolCalls !== undefined || scores.length > 0
    return {
      piece: hasPiece ? { text, ...scored(scores), ...(toolCalls && { toolCalls }) } : undefined,
      promptTokens: usage?.prompt_tokens,
      completionTokens: usage?.completion_tokens,
      finishReason: choice?.finish_reason ? readReason(choice.finish_reason) : undefined,
    }
  } catch (cause) {
    const message = 'The inference server sent an event of another form.'
    throw new DuckMeshError('EXECUTOR_FAILED', message, { api }, { cause })
  }
}

const rounded = (logprob: number) => Math.min(0, Math.round(logprob * 10_000) / 10_000) + 0

function scored(
  scores: z.output<typeof logprobsSchema>['content'] & object,
): Pick<Piece, 'tokens' | 'logprobs' | 'topLogprobs'> {
  const hasTop = scores.some(({ top_logprobs }) => top_logprobs?.length)
  return {
    tokens: scores.map(({ id }) => id),
    logprobs: scores.map(({ logprob }) => rounded(logprob)),
    ...(hasTop && {
      topLogprobs: scores.map(({ top_logprobs = [] }) =>
        top_logprobs.map(({ id, token, logprob }) => ({ token: id, text: token, logprob: rounded(logprob) })),
      ),
    }),
  }
}

function readReason(reason: string): GenerationEnd['finishReason'] {
  if (reason === 'stop' || reason === 'length' || reason === 'tool_calls') return reason
  throw new Error(`The answer ended with "${reason}".`)
}

/**
 * Reads the answer to an embedding request, vectors in the order of the texts.
 * @throws DuckMeshError `EXECUTOR_FAILED` when it is of another form or has another number of vectors
 */
export function parseOpenAiEmbeddings(
  text: string,
  count: number,
): { vectors: number[][]; promptTokens: number } {
  try {
    const { data, usage } = embeddingsSchema.parse(JSON.parse(text))
    const vectors = data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding)
    if (vectors.length !== count) throw new Error(`${vectors.length} vectors for ${count} texts.`)
    return { vectors, promptTokens: usage?.prompt_tokens ?? 0 }
  } catch (cause) {
    throw new DuckMeshError('EXECUTOR_FAILED', 'The server gave vectors of another form.', {}, { cause })
  }
}
