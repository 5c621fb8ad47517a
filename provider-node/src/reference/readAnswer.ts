import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { AnswerText } from '../executors/answerText.ts'
import type { LlamaPrompt, TextRequest } from '../executors/llamaPrompt.ts'
import { LlamaRounds } from '../executors/llamaRounds.ts'
import { LlamaSampler } from '../executors/llamaSampler.ts'

/** Tokens that a stop text may have beyond those given; a stop text has at most 256 characters. */
const MOST_STOP_TOKENS = 64

export type GivenTokens = {
  request: TextRequest
  prompt: LlamaPrompt
  given: readonly Token[]
  /** Whether the answer may have ended at a stop text whose tokens were not all given. */
  mayStop: boolean
}

/**
 * The text that given tokens make, as the generator makes it. When a stop text may have ended them, goes on from there
 * until one is whole: what it is made of was not given.
 */
export async function readAnswer(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  { request, prompt, given, mayStop }: GivenTokens,
  signal: AbortSignal,
): Promise<{ text: string; hasStopped: boolean }> {
  const history = [...prompt.tokens]
  const stops = [...request.stop, ...prompt.stop]
  const answer = new AnswerText<Token>(
    (items) => model.detokenize(items, false, history.slice(0, history.length - items.length).slice(-3)),
    stops,
  )
  const parts = given.flatMap((token) => {
    history.push(token)
    return answer.hasStopped ? [] : answer.push(token)
  })
  if (mayStop && stops.length > 0 && !answer.hasStopped) {
    const more = await goOn()
    if (more) return { text: textOf([...parts, ...more]), hasStopped: true }
    return readAnswer(model, sequence, { request, prompt, given, mayStop: false }, signal)
  }
  return {
    text: textOf([...parts, ...(answer.hasStopped ? [] : answer.end())]),
    hasStopped: answer.hasStopped,
  }

  /** The parts up to a stop text that begins in the given tokens or right after them; undefined when none comes. */
  async function goOn() {
    const sampler = new LlamaSampler(model, sequence, request, new LlamaRounds())
    try {
      await sequence.clearHistory()
      const first = prompt.tokens.length - prompt.given - 1
      await sampler.read(history.slice(0, first))
      await sampler.replay(history.slice(first, -1), history.length - 1 - first)
      const more: ReturnType<typeof answer.push> = []
      for (let count = 0; count < MOST_STOP_TOKENS && !answer.hasStopped; count += 1) {
        const { token } = await sampler.next([history.at(-1)!])
        signal.throwIfAborted()
        if (model.isEogToken(token)) return undefined
        history.push(token)
        more.push(...answer.push(token))
      }
      const items = [...parts, ...more].flatMap((part) => part.items)
      return answer.hasStopped && items.length === given.length ? more : undefined
    } finally {
      sampler.dispose()
    }
  }
}

const textOf = (parts: readonly { text: string }[]): string => parts.map(({ text }) => text).join('')
