import { type ChatMessage, DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import { z } from 'zod'
import { isEmpty, isNeutral, refuseUnless, samplingShape } from './fields.ts'
import { readSampling, refuseSampling, roomFor } from './sampling.ts'

const partSchema = z.looseObject({ type: z.string().max(64) })

const messageSchema = z.looseObject({
  role: z.string().max(64),
  content: z.string().or(z.array(partSchema).max(256)).nullish(),
  name: z.string().max(64).nullish(),
  tool_calls: z.array(z.json()).max(128).nullish(),
  tool_call_id: z.string().max(128).nullish(),
})

/** `POST /v1/chat/completions`. Source: OpenAI API reference, "Create chat completion". */
export const chatBodySchema = z.looseObject({
  ...samplingShape,
  messages: z.array(messageSchema).min(1).max(1_024),
  max_completion_tokens: samplingShape.max_tokens,
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  tools: z.array(z.json()).max(128).nullish(),
  tool_choice: z.json().nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
})
export type ChatBody = z.output<typeof chatBodySchema>

/**
 * A chat request in the form of the streaming lane.
 * @param contextTokens of the model, for a client that names no limit
 * @throws DuckMeshError `UNSUPPORTED_FIELD`, `BAD_REQUEST`
 */
export function readChat(
  body: ChatBody,
  contextTokens: number,
  drawSeed: () => number,
): Extract<StreamRequest, { api: 'chat' }> {
  refuseUnsupported(body)
  const { logprobs, top_logprobs, tools, tool_choice, max_completion_tokens, max_tokens } = body
  if (top_logprobs && !logprobs) {
    throw new DuckMeshError('BAD_REQUEST', 'top_logprobs needs logprobs: true.', { param: 'top_logprobs' })
  }
  const request = {
    api: 'chat' as const,
    messages: body.messages.map(readMessage),
    tools: tools && tools.length > 0 ? tools : null,
    toolChoice: tool_choice ?? null,
    maxTokens: max_completion_tokens ?? max_tokens ?? 1,
    ...readSampling(body, logprobs ? (top_logprobs ?? 0) : 0, drawSeed),
  }
  const isLimited = (max_completion_tokens ?? max_tokens) != null
  return isLimited ? request : { ...request, maxTokens: roomFor(request, contextTokens) }
}

/** @throws DuckMeshError `UNSUPPORTED_FIELD` for what no engine of the mesh could be held to */
export function refuseUnsupported(body: ChatBody): void {
  refuseSampling(body)
  const onlyText = isEmpty(body.modalities) || String(body.modalities) === 'text'
  refuseUnless(onlyText, 'modalities', 'answers are text')
  refuseUnless(isNeutral(body.audio), 'audio', 'answers are text')
  refuseUnless(isEmpty(body.functions), 'functions', 'it was replaced by tools')
  refuseUnless(isNeutral(body.function_call), 'function_call', 'it was replaced by tool_choice')
  refuseUnless(
    isNeutral(body.parallel_tool_calls, true),
    'parallel_tool_calls',
    'engines cannot be held to it',
  )
  refuseUnless(isNeutral(body.web_search_options), 'web_search_options', 'nothing is searched')
  const format = body.response_format?.type
  const hint =
    'engines of the mesh cannot be held to a grammar; ask for JSON in the prompt and check the answer'
  refuseUnless(isNeutral(format, 'text'), 'response_format', hint)
}

const roles = ['system', 'developer', 'user', 'assistant', 'tool'] as const

function readMessage(message: ChatBody['messages'][number], index: number): ChatMessage {
  const at = `messages.${index}`
  const role = roles.find((known) => known === message.role)
  if (!role) {
    const text = `${at}.role "${message.role}" is none of ${roles.join(', ')}.`
    throw new DuckMeshError('BAD_REQUEST', text, { param: `${at}.role` })
  }
  const { content, name, tool_calls, tool_call_id } = message
  return {
    role,
    content: typeof content === 'string' ? content : readParts(content ?? null, at),
    ...(name ? { name } : {}),
    ...(tool_calls && tool_calls.length > 0 ? { toolCalls: tool_calls } : {}),
    ...(tool_call_id ? { toolCallId: tool_call_id } : {}),
  }
}

const textPartSchema = z.object({ type: z.literal('text'), text: z.string() })

function readParts(parts: z.output<typeof partSchema>[] | null, at: string): ChatMessage['content'] {
  if (!parts) return null
  return parts.map((part, index) => {
    const text = textPartSchema.safeParse(part)
    refuseUnless(text.success, `${at}.content.${index}.type`, `"${part.type}" parts are not taken, only text`)
    return { type: 'text', text: text.data!.text }
  })
}
