import type { StreamRequest } from './request.ts'
import type { Stream } from './stream.ts'

/** What a stream costs a unit, DUCK wei. */
export type StreamPrice = Pick<Stream, 'requestWei' | 'promptTokenWei' | 'tokenWei'>

/** What was used of a stream. */
export type StreamUsage = { promptTokens: number; completionTokens: number }

/**
 * Tokens that a chat template may add around one message and around the whole chat. No template that llama.cpp knows
 * comes near.
 */
const TEMPLATE_TOKENS = 32

/**
 * Price of what was used, DUCK wei.
 * @example streamPriceWei({ requestWei: 10n, promptTokenWei: 1n, tokenWei: 2n }, { promptTokens: 5, completionTokens: 4 }) // 23n
 */
export const streamPriceWei = (price: StreamPrice, { promptTokens, completionTokens }: StreamUsage): bigint =>
  price.requestWei + price.promptTokenWei * BigInt(promptTokens) + price.tokenWei * BigInt(completionTokens)

/**
 * What a stream costs of which so many chunks were given, DUCK wei: nothing as long as nothing was given, not even the
 * price of the request.
 * @example streamAmountWei(price, { promptTokens: 5, completionTokens: 0 }, 0) // 0n
 */
export const streamAmountWei = (price: StreamPrice, usage: StreamUsage, chunks: number): bigint =>
  chunks === 0 ? 0n : streamPriceWei(price, usage)

/**
 * Most tokens that the prompt of a request can have, without knowing the tokenizer: no token is shorter than a byte.
 * A provider that claims more is refused.
 */
export function promptTokensBound(request: StreamRequest): number {
  const bytes = (text: string) => new TextEncoder().encode(text).length
  if (request.api === 'ocr') return 0
  if (request.api === 'embedding') {
    return request.input.reduce((sum, text) => sum + bytes(text) + TEMPLATE_TOKENS, 0)
  }
  const given = request.continueFrom.length
  if (request.api === 'completion') return bytes(request.prompt) + TEMPLATE_TOKENS + given
  const { messages, tools, toolChoice } = request
  return (
    bytes(JSON.stringify([messages, tools, toolChoice])) + TEMPLATE_TOKENS * (messages.length + 1) + given
  )
}

/** Most that a request can cost, DUCK wei: what a buyer that trusts the provider may promise at once. */
export const streamCeilingWei = (price: StreamPrice, request: StreamRequest): bigint =>
  streamPriceWei(price, {
    promptTokens: promptTokensBound(request),
    completionTokens: 'maxTokens' in request ? request.maxTokens : 0,
  })
