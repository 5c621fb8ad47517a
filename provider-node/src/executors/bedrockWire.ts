import type {
  ConverseStreamCommandInput,
  ConverseStreamOutput,
  Message,
  StopReason,
} from '@aws-sdk/client-bedrock-runtime'
import { type ChatMessage, DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import type { GenerationEnd, GenerationStep } from './generator.ts'

/**
 * What Bedrock is asked for. It takes turns of one role after another, so neighbours of one role are joined, and the
 * system texts go apart. Seed and log-probabilities have no place in it.
 * Source: Amazon Bedrock API reference, "ConverseStream".
 * @throws DuckMeshError `BAD_REQUEST` for tools and for an answer to be gone on with
 */
export function bedrockInput(
  modelId: string,
  request: Extract<StreamRequest, { api: 'chat' }>,
): ConverseStreamCommandInput {
  const { messages, tools, continueFrom, maxTokens, temperature, topP, stop } = request
  if (tools?.length) throw unable('tools', 'This engine calls no tools.')
  if (continueFrom.length > 0) {
    throw unable('continueFrom', 'This engine cannot go on with an answer of another one.')
  }
  const turns: Message[] = []
  const system: { text: string }[] = []
  for (const message of messages) {
    const block = { text: messageText(message) }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = turns.at(-1)
    if (message.role === 'system' || message.role === 'developer') system.push(block)
    else if (last?.role === role) last.content?.push(block)
    else turns.push({ role, content: [block] })
  }
  return {
    modelId,
    messages: turns,
    ...(system.length > 0 && { system }),
    inferenceConfig: { maxTokens, temperature, topP, ...(stop.length > 0 && { stopSequences: stop }) },
  }
}

const unable = (field: string, message: string): DuckMeshError =>
  new DuckMeshError('BAD_REQUEST', message, { field })

function messageText({ role, content, toolCalls }: ChatMessage): string {
  if (role === 'tool' || toolCalls?.length) throw unable('messages', 'This engine calls no tools.')
  if (content === null) return ''
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('')
}

/** What one event of the stream says. */
export type BedrockEvent = {
  step?: GenerationStep
  finishReason?: GenerationEnd['finishReason']
}

/** @throws DuckMeshError `EXECUTOR_FAILED` when the answer ended for a reason that is no end of an answer */
export function readBedrockEvent({
  contentBlockDelta,
  messageStop,
  metadata,
}: ConverseStreamOutput): BedrockEvent {
  const text = contentBlockDelta?.delta?.text
  if (text) return { step: { type: 'piece', piece: { text, tokens: [], logprobs: [] } } }
  const promptTokens = metadata?.usage?.inputTokens
  if (promptTokens !== undefined) return { step: { type: 'prompt', promptTokens } }
  return messageStop?.stopReason ? { finishReason: readReason(messageStop.stopReason) } : {}
}

function readReason(reason: StopReason): GenerationEnd['finishReason'] {
  if (reason === 'end_turn' || reason === 'stop_sequence') return 'stop'
  if (reason === 'max_tokens') return 'length'
  throw new DuckMeshError('EXECUTOR_FAILED', `The answer ended with "${reason}".`, { reason })
}

/** Exceptions of Bedrock that pass by themselves. */
const busy = [
  'ThrottlingException',
  'ServiceUnavailableException',
  'ModelNotReadyException',
  'ServiceQuotaExceededException',
]
const RETRY_AFTER_MS = 2_000

/** The error for an exception of the SDK; its text goes to the cause only. */
export function bedrockFailure(cause: unknown): DuckMeshError {
  if (cause instanceof DuckMeshError) return cause
  const reason = cause instanceof Error ? cause.name : 'unknown'
  if (busy.includes(reason)) {
    const details = { reason, retryAfterMs: RETRY_AFTER_MS }
    return new DuckMeshError('EXECUTOR_BUSY', 'Bedrock is busy.', details, { cause })
  }
  if (reason === 'ValidationException') {
    return new DuckMeshError('BAD_REQUEST', 'Bedrock does not take this request.', { reason }, { cause })
  }
  if (reason === 'ModelTimeoutException') {
    return new DuckMeshError('EXECUTOR_TIMEOUT', 'The model on Bedrock took too long.', { reason }, { cause })
  }
  return new DuckMeshError('EXECUTOR_FAILED', `Bedrock failed: ${reason}.`, { reason }, { cause })
}
