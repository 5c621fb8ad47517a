import type { StreamRequest } from '@duckmesh/protocol'
import { keccak256, stringToHex } from 'viem'

/** Tokens of the prompt, as the test engine counts them. */
export const promptTokensOf = (request: StreamRequest): number =>
  Math.ceil(promptOf(request).length / 8) + ('continueFrom' in request ? request.continueFrom.length : 0)

/**
 * The next token after some tokens: a hash of the prompt and all tokens before it, so that every provider gives the same
 * answer, and one that goes on from elsewhere gives exactly the rest.
 */
export function tokenAfter(
  request: StreamRequest,
  tokens: readonly number[],
): { token: number; text: string } {
  const token = Number(BigInt(keccak256(stringToHex(`${promptOf(request)} ${tokens.join(',')}`))) % 50_000n)
  return { token, text: `quack${token} ` }
}

/** What the test engine answers in all. */
export function answerOf(request: StreamRequest): string {
  if (!('maxTokens' in request)) return ''
  const tokens: number[] = [...request.continueFrom]
  let answer = ''
  for (let at = 0; at < request.maxTokens; at++) {
    const { token, text } = tokenAfter(request, tokens)
    tokens.push(token)
    answer += text
  }
  return answer
}

const promptOf = (request: StreamRequest): string =>
  request.api === 'chat'
    ? JSON.stringify(request.messages)
    : request.api === 'completion'
      ? request.prompt
      : ''
