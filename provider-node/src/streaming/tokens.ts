import type { StreamApi } from '@duckmesh/protocol'
import type { Piece } from '../executors/generator.ts'

/**
 * Tokens of the answer that a piece counts. Engines that hide token ids give one piece a token; embeddings and read
 * images are paid by request and prompt alone.
 */
export function answerTokens(api: StreamApi, { text, tokens, toolCalls }: Piece): number {
  if (api === 'embedding' || api === 'ocr') return 0
  if (tokens.length > 0) return tokens.length
  return text !== '' || toolCalls ? 1 : 0
}
