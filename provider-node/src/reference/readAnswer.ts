import type { LlamaModel, Token } from 'node-llama-cpp'
import { AnswerText } from '../executors/answerText.ts'

export type GivenTokens = {
  /** Tokens before the answer. */
  prompt: readonly Token[]
  given: readonly Token[]
  /** Tokens behind those given that end a stop text, and so were not given themselves. */
  path?: readonly Token[] | undefined
  /** Texts that end the answer. */
  stops: readonly string[]
}

/** The text that given tokens make, as the generator makes it, and whether a stop text ended it. */
export function readAnswer(
  model: LlamaModel,
  { prompt, given, path = [], stops }: GivenTokens,
): { text: string; hasStopped: boolean } {
  const history = [...prompt]
  const answer = new AnswerText<Token>(
    (items) => model.detokenize(items, false, history.slice(0, history.length - items.length).slice(-3)),
    stops,
  )
  const parts = [...given, ...path].flatMap((token) => {
    history.push(token)
    return answer.hasStopped ? [] : answer.push(token)
  })
  const { hasStopped } = answer
  const text = [...parts, ...(hasStopped ? [] : answer.end())].map((part) => part.text).join('')
  return { text, hasStopped: answer.hasStopped }
}
