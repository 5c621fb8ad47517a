import { type ChatMessage, DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import {
  type ChatHistoryItem,
  type ChatWrapper,
  type LlamaModel,
  type LlamaText,
  resolveChatWrapper,
  SpecialToken,
  type Token,
} from 'node-llama-cpp'

/** A request whose answer is text. */
export type TextRequest = Extract<StreamRequest, { api: 'chat' | 'completion' }>

/** A request as the engine reads it. */
export type LlamaPrompt = {
  /** Prompt, then what was given before (`continueFrom`). */
  tokens: Token[]
  /** How many of the tokens, at the end, belong to the answer. */
  given: number
  /** Texts at which the template ends an answer. */
  stop: string[]
}

/** Puts requests into tokens as one model wants them. */
export type LlamaPrompter = (request: TextRequest) => LlamaPrompt

/**
 * Makes the prompter of a model. Chats go into the template that the model file carries; text of a message that looks
 * like a special token stays text. A base model carries none and is given the texts of the messages, one a line: it
 * goes on with the last one. An answer that was begun by an assistant message at the end is gone on with.
 *
 * Two nodes with one profile make the same tokens: the name of the file plays no part.
 * @throws DuckMeshError on use, `BAD_REQUEST` for tools, for a chat that the template has no place for, or when what
 * was given before is no text of this model
 */
export function llamaPrompter(model: LlamaModel): LlamaPrompter {
  const template = chatTemplate(model)
  return (request) => {
    const { tokens, stop } =
      request.api === 'completion'
        ? { tokens: withStart(model, model.tokenize(request.prompt)), stop: [] }
        : readChat(model, template, request)
    return {
      tokens: [...tokens, ...readGiven(model, request.continueFrom)],
      given: request.continueFrom.length,
      stop,
    }
  }
}

/** Begin-of-sequence where the model wants one and the tokens do not begin with it. */
function withStart(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens
  return bos !== null && shouldPrependBosToken && tokens[0] !== bos ? [bos, ...tokens] : tokens
}

function chatTemplate(model: LlamaModel): ChatWrapper | undefined {
  const { fileInfo, tokenizer, tokens } = model
  if (!fileInfo.metadata.tokenizer.chat_template?.trim()) return undefined
  return (
    resolveChatWrapper({ fileInfo, tokenizer, bosString: tokens.bosString, warningLogs: false }) ?? undefined
  )
}

function readChat(
  model: LlamaModel,
  template: ChatWrapper | undefined,
  { messages, tools }: Extract<TextRequest, { api: 'chat' }>,
): { tokens: Token[]; stop: string[] } {
  if (tools?.length) throw new DuckMeshError('BAD_REQUEST', 'This engine calls no tools.', { field: 'tools' })
  const items = messages.map(historyItem)
  if (!template) {
    const text = messages.map(messageText).join('\n')
    return { tokens: withStart(model, model.tokenize(text)), stop: [] }
  }
  if (items.at(-1)?.type !== 'model') items.push({ type: 'model', response: [''] })
  try {
    const { contextText, stopGenerationTriggers } = template.generateContextState({ chatHistory: items })
    const stop = stopGenerationTriggers.map(plainText).filter((text) => text !== undefined)
    return { tokens: withStart(model, contextText.tokenize(model.tokenizer)), stop }
  } catch (cause) {
    throw new DuckMeshError(
      'BAD_REQUEST',
      "The model's template does not take these messages.",
      {},
      { cause },
    )
  }
}

/** A trigger as text; undefined when it has a token of the model's own, which ends the answer by itself. */
function plainText({ values }: LlamaText): string | undefined {
  const hasToken = values.some((value) => value instanceof SpecialToken)
  return hasToken || values.length === 0 ? undefined : values.join('')
}

function historyItem(message: ChatMessage): ChatHistoryItem {
  const text = messageText(message)
  switch (message.role) {
    case 'system':
    case 'developer':
      return { type: 'system', text }
    case 'user':
      return { type: 'user', text }
    case 'assistant':
      return { type: 'model', response: [text] }
    case 'tool':
      throw new DuckMeshError('BAD_REQUEST', 'This engine calls no tools.', {
        field: 'messages',
        role: 'tool',
      })
  }
}

function messageText({ content, toolCalls }: ChatMessage): string {
  if (toolCalls?.length)
    throw new DuckMeshError('BAD_REQUEST', 'This engine calls no tools.', { field: 'toolCalls' })
  if (content === null) return ''
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('')
}

function readGiven(model: LlamaModel, given: readonly number[]): Token[] {
  const size = model.fileInfo.metadata.tokenizer.ggml.tokens.length
  const alien = given.find((token) => token >= size || model.isEogToken(token as Token))
  if (alien !== undefined) {
    const message = 'An answer of this model has no such token.'
    throw new DuckMeshError('BAD_REQUEST', message, { field: 'continueFrom', token: alien })
  }
  return given as Token[]
}
