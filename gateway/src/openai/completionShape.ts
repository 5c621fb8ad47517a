import type { Chunk } from '@duckmesh/protocol'
import { completionLogprobs } from './logprobs.ts'
import type { Shape } from './shape.ts'

/**
 * Answers in the form of the completion API. Source: OpenAI API reference, "The completion object".
 * @param echoed prompt to be repeated before the answer; empty for none
 */
export function createCompletionShape(wantsLogprobs: boolean, echoed: string): Shape {
  let given = echoed.length
  const scores = (chunks: readonly Chunk[], from: number) =>
    wantsLogprobs ? completionLogprobs(chunks, from) : null
  const choice = (text: string, logprobs: unknown, reason: string | null) => ({
    index: 0,
    text,
    logprobs,
    finish_reason: reason,
  })
  return {
    idPrefix: 'cmpl-',
    object: { whole: 'text_completion', part: 'text_completion' },
    first: () => (echoed ? [choice(echoed, null, null)] : []),
    part: (chunk) => {
      if (chunk.text === '' && (!wantsLogprobs || chunk.logprobs.length === 0)) return undefined
      const part = choice(chunk.text, scores([chunk], given), null)
      given += chunk.text.length
      return part
    },
    last: (reason) => choice('', null, reason),
    whole: (chunks, reason) =>
      choice(echoed + chunks.map((chunk) => chunk.text).join(''), scores(chunks, echoed.length), reason),
  }
}
