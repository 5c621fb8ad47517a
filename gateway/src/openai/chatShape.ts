import type { Chunk } from '@duckmesh/protocol'
import { z } from 'zod'
import { chatLogprobs } from './logprobs.ts'
import type { Shape } from './shape.ts'

/** Answers in the form of the chat API. Source: OpenAI API reference, "The chat completion (chunk) object". */
export function createChatShape(wantsLogprobs: boolean): Shape {
  const scores = (chunks: readonly Chunk[]) => (wantsLogprobs ? chatLogprobs(chunks) : null)
  const choice = (delta: unknown, logprobs: unknown, reason: string | null) => ({
    index: 0,
    delta,
    logprobs,
    finish_reason: reason,
  })
  return {
    idPrefix: 'chatcmpl-',
    object: { whole: 'chat.completion', part: 'chat.completion.chunk' },
    first: () => [choice({ role: 'assistant', content: '', refusal: null }, null, null)],
    part: (chunk) => {
      const { text, toolCalls, logprobs } = chunk
      const isSilent = text === '' && !toolCalls && (!wantsLogprobs || logprobs.length === 0)
      if (isSilent) return undefined
      const delta = {
        ...(toolCalls ? { tool_calls: toolCalls } : {}),
        ...(text || !toolCalls ? { content: text } : {}),
      }
      return choice(delta, scores([chunk]), null)
    },
    last: (reason) => choice({}, null, reason),
    whole: (chunks, reason) => {
      const text = chunks.map((chunk) => chunk.text).join('')
      const calls = joinToolCalls(chunks.flatMap((chunk) => chunk.toolCalls ?? []))
      const message = {
        role: 'assistant',
        content: text === '' && calls.length > 0 ? null : text,
        refusal: null,
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      }
      return { index: 0, message, logprobs: scores(chunks), finish_reason: reason }
    },
  }
}

const toolCallDeltaSchema = z.object({
  index: z.int().min(0).max(127).default(0),
  id: z.string().optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
})

type ToolCall = { id: string; type: 'function'; function: { name: string; arguments: string } }

/** Puts tool calls together that were streamed in pieces: the pieces of one call have its index. */
export function joinToolCalls(deltas: readonly unknown[]): ToolCall[] {
  const calls = new Map<number, ToolCall>()
  for (const delta of deltas) {
    const { index, id, function: piece } = toolCallDeltaSchema.parse(delta)
    const call = calls.get(index) ?? { id: '', type: 'function', function: { name: '', arguments: '' } }
    calls.set(index, call)
    call.id ||= id ?? ''
    call.function.name ||= piece?.name ?? ''
    call.function.arguments += piece?.arguments ?? ''
  }
  return [...calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => call)
}
