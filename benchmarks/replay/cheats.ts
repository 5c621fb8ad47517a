import type { ReplayBody } from '@duckmesh/protocol'
import type { Machine, MachineAnswer } from '../../provider-node/src/reference/machine.fixture.ts'
import type { Completion } from './requests.ts'

/** An answer that is not what was asked for; undefined when this cheat changes nothing here. */
export type Cheat = (machine: Machine, request: Completion) => Promise<Omit<ReplayBody, 'stream'> | undefined>

/** What the cheats pose as, and what they run instead. */
export type CheatModels = {
  ordered: string
  /** Other weights of the same model, by the name of the cheat. */
  weights: Record<string, string>
  /** Another model with another vocabulary. */
  other?: string
}

const tokensOf = ({ chunks }: Pick<ReplayBody, 'chunks'>) => chunks.flatMap(({ tokens }) => tokens)

/**
 * All cheats, by name. Those that end in `big-signed` have the text made cheaply and let the ordered model read it once,
 * so that the log-probabilities they sign are true.
 */
export function cheatsFor({ ordered, weights, other }: CheatModels): Record<string, Cheat> {
  const answerOf = async (machine: Machine, model: string, request: Completion): Promise<MachineAnswer> =>
    (await machine.call('answer', model, [request]))[0]!
  const profileOf = (machine: Machine) => machine.call('profile', ordered)

  /** The answer of one request, given out for another. */
  const posing =
    (model: string, swap: (request: Completion) => Completion = (request) => request): Cheat =>
    async (machine, request) => {
      const { tookMs: _tookMs, ...answer } = await answerOf(machine, model, swap(request))
      const honest = await answerOf(machine, ordered, request)
      if (tokensOf(honest).join() === tokensOf(answer).join()) return undefined // word for word what was ordered
      return { ...answer, request, profile: await profileOf(machine), promptTokens: honest.promptTokens }
    }

  /** Lets the ordered model say what it thinks of the answer, and signs that. */
  const bigSigned =
    (cheat: Cheat): Cheat =>
    async (machine, request) => {
      const answer = await cheat(machine, request)
      if (!answer) return undefined
      const { facts } = await machine.call('replay', ordered, answer)
      let place = 0
      const chunks = answer.chunks.map((chunk) => ({
        ...chunk,
        logprobs: chunk.tokens.map(() => {
          place += 1
          return Math.min(0, Math.round(facts.tokens[place - 1]!.logprob * 10_000) / 10_000) + 0
        }),
      }))
      return { ...answer, chunks }
    }

  /** Puts other tokens in the place of some, with the text that they make. */
  const altered =
    (perHundred: number): Cheat =>
    async (machine, request) => {
      const { tookMs: _tookMs, ...answer } = await answerOf(machine, ordered, request)
      const tokens = tokensOf(answer)
      const count = Math.max(1, Math.round((tokens.length * perHundred) / 100))
      for (let number = 0; number < count; number += 1) {
        const at = (request.seed * 31 + number * 17) % tokens.length
        tokens[at] = 300 + ((request.seed * 7_919 + number * 104_729) % 1_500)
      }
      return whole(machine, answer, tokens, answer.finishReason)
    }

  /** One chunk with tokens, their text, and the log-probabilities that were there before. */
  const whole = async (
    machine: Machine,
    answer: Omit<ReplayBody, 'stream'>,
    tokens: number[],
    finishReason: ReplayBody['finishReason'],
  ) => {
    const logprobs = answer.chunks.flatMap((chunk) => chunk.logprobs).slice(0, tokens.length)
    const text = await machine.call(
      'text',
      ordered,
      answer.request.api === 'completion' ? answer.request.prompt : '',
      tokens,
    )
    return { ...answer, chunks: [{ index: 0, text, tokens, logprobs }], finishReason }
  }

  const retokenised =
    (model: string): Cheat =>
    async (machine, request) => {
      const answer = await answerOf(machine, model, request)
      const honest = await answerOf(machine, ordered, request)
      const text = answer.chunks.map((chunk) => chunk.text).join('')
      const tokens = (await machine.call('tokens', ordered, text)).slice(0, request.maxTokens)
      const finishReason = tokens.length < request.maxTokens ? ('cut' as const) : ('length' as const)
      const logprobs = tokens.map(() => -1)
      const { tookMs: _tookMs, ...body } = { ...honest, chunks: [{ index: 0, text: '', tokens, logprobs }] }
      return whole(machine, body, tokens, finishReason)
    }

  const early: Cheat = async (machine, request) => {
    const { tookMs: _tookMs, ...answer } = await answerOf(machine, ordered, request)
    const tokens = tokensOf(answer)
    return whole(machine, answer, tokens.slice(0, Math.ceil(tokens.length / 2)), 'stop')
  }

  /** Ends after the last whole sentence of the first half, where an end is likeliest. */
  const earlyAtSentence: Cheat = async (machine, request) => {
    const { tookMs: _tookMs, ...answer } = await answerOf(machine, ordered, request)
    const tokens = tokensOf(answer)
    for (let count = Math.ceil(tokens.length / 2); count > 0; count -= 1) {
      const early = await whole(machine, answer, tokens.slice(0, count), 'stop')
      if (early.chunks[0]!.text.endsWith('.')) return early
    }
    return undefined
  }

  const truncated = posing(ordered, (request) => {
    const half = request.prompt.slice(Math.floor(request.prompt.length / 2))
    return { ...request, prompt: half.slice(half.indexOf(' ') + 1) }
  })
  const isSampled = ({ temperature }: Completion) => temperature > 0
  const only =
    (holds: (request: Completion) => boolean, cheat: Cheat): Cheat =>
    async (machine, request) =>
      holds(request) ? cheat(machine, request) : undefined

  return {
    ...Object.fromEntries(
      Object.entries(weights).flatMap(([name, model]) => [
        [name, posing(model)],
        [`${name}BigSigned`, bigSigned(posing(model))],
      ]),
    ),
    ...(other && { otherModel: posing(other), otherModelBigSigned: bigSigned(retokenised(other)) }),
    truncatedPrompt: truncated,
    truncatedPromptBigSigned: bigSigned(truncated),
    altered1In100: altered(1),
    altered1In100BigSigned: bigSigned(altered(1)),
    altered5In100: altered(5),
    altered5In100BigSigned: bigSigned(altered(5)),
    sampledForGreedy: only(
      (request) => !isSampled(request),
      posing(ordered, (request) => ({ ...request, temperature: 0.8, topP: 1 })),
    ),
    otherSeed: only(
      isSampled,
      posing(ordered, (request) => ({ ...request, seed: request.seed + 1_000_000 })),
    ),
    otherTemperature: only(
      isSampled,
      posing(ordered, (request) => ({ ...request, temperature: request.temperature / 2 })),
    ),
    earlyStop: early,
    earlyStopAtSentence: earlyAtSentence,
  }
}
