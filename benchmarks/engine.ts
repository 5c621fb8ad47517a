import process from 'node:process'
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { createLlamaGenerator } from '../provider-node/src/executors/llamaGenerator.ts'
import { llamaRuntime } from '../provider-node/src/executors/llamaRuntime.ts'
import { samplerRules } from '../provider-node/src/executors/profile.ts'
import { completion, take } from '../provider-node/src/executors/streamRequest.fixture.ts'
import { resolveModel } from '../provider-node/src/models/modelRegistry.ts'
import { type Bench, type BenchResult, bars } from './bench.ts'

/** Tokens of an answer; a story that ends earlier gives fewer, and all ways of asking give the same. */
const TOKENS = 200
const CONTEXT_TOKENS = 256
/** Answers at once, as a node runs them with a model of this size. */
const SLOTS = 4
const ROUNDS = { quick: 10, long: 48 }
/** As the generator's own contexts are made. */
const contextOptions = {
  contextSize: CONTEXT_TOKENS,
  batchSize: CONTEXT_TOKENS,
  flashAttention: false,
  threads: 1,
}

type Sampling = { temperature: number; seed: number }
const samplings: Record<string, Sampling> = {
  greedy: { temperature: 0, seed: 0 },
  sampled: { temperature: 1, seed: 7 },
}

/** Answers one prompt. @returns tokens of the answer */
type Answer = (prompt: string, sampling: Sampling) => Promise<number>

/** What the streaming lane's generator costs beside a bare loop over the same engine. */
export const engine: Bench = {
  about:
    'Tokens/s of the in-process generator beside a bare loop over the same llama.cpp context, with and without scores, in turns',
  run: async (say, { long }) => {
    const llama = await llamaRuntime()
    const model = await llama.loadModel({ modelPath: (await resolveModel('stories15m')).path, gpuLayers: 0 })
    const loops = await model.createContext({ ...contextOptions, sequences: SLOTS })
    const sequences = Array.from({ length: SLOTS }, () => loops.getSequence())
    const own = await model.createContext({ ...contextOptions, sequences: SLOTS })
    const generator = createLlamaGenerator(model, own, { contextTokens: CONTEXT_TOKENS, maxWaiting: SLOTS })
    const first = sequences[0]!
    const ways: Record<string, Answer> = {
      bare: bareLoop(model, first),
      scored: scoredLoop(model, first),
      generator: async (prompt, sampling) => {
        const request = completion({ prompt, maxTokens: TOKENS, ...sampling })
        return (await take(generator, request)).tokens.length
      },
    }
    const four =
      (one: (slot: number) => Answer): Answer =>
      async (prompt, sampling) => {
        const slots = Array.from({ length: SLOTS }, (_, slot) => one(slot)(`${prompt} ${slot}`, sampling))
        return (await Promise.all(slots)).reduce((sum, tokens) => sum + tokens, 0)
      }
    const waysOfFour = {
      bareFour: four((slot) => bareLoop(model, sequences[slot]!)),
      generatorFour: four(() => ways.generator!),
    }
    try {
      const rounds = ROUNDS[long ? 'long' : 'quick']
      const figures: BenchResult['figures'] = {}
      for (const [name, sampling] of Object.entries(samplings)) {
        const rates = await inTurns({ ...ways, ...waysOfFour }, sampling, rounds)
        say(`${name}: ${rounds} rounds`)
        for (const [way, { perSecond }] of Object.entries(rates))
          figures[`${name}${title(way)}TokensPerSecond`] = round(perSecond, 1)
        figures[`${name}ShareOfBareLoop`] = share(rates.generator, rates.bare)
        figures[`${name}ShareOfScoredLoop`] = share(rates.generator, rates.scored)
        figures[`${name}FourShareOfBareLoops`] = share(rates.generatorFour, rates.bareFour)
      }
      const limits = { greedyShareOfScoredLoop: '>=0.97', sampledShareOfScoredLoop: '>=0.97' }
      return { figures, bars: bars(figures, limits) }
    } finally {
      await generator.close()
      await loops.dispose()
      await model.dispose()
    }
  },
}

/** The loop of node-llama-cpp's manual: tokens and nothing else. */
const bareLoop =
  (model: LlamaModel, sequence: LlamaContextSequence): Answer =>
  async (prompt, sampling) => {
    await sequence.clearHistory()
    let count = 0
    for await (const _token of sequence.evaluate(tokensOf(model, prompt), { ...samplerRules, ...sampling })) {
      count += 1
      if (count === TOKENS) break
    }
    return count
  }

/** A loop over the public API that has the engine score each token too, as the generator does. */
const scoredLoop =
  (model: LlamaModel, sequence: LlamaContextSequence): Answer =>
  async (prompt, sampling) => {
    const options = { ...samplerRules, ...sampling }
    const logits = { filter: { tokens: [], includeSelected: true } } as const
    const generateNext = { token: true, totalLogitWeight: true, logits, options } as const
    const tokens = tokensOf(model, prompt)
    await sequence.clearHistory()
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1))
    let last = tokens.at(-1)!
    for (let count = 0; count < TOKENS; count += 1) {
      const [result] = await sequence.controlledEvaluate([[last, { generateNext }]])
      const next = result?.next.token
      if (next == null || model.isEogToken(next)) return count
      last = next
    }
    return TOKENS
  }

const tokensOf = (model: LlamaModel, prompt: string): Token[] => [
  model.tokens.bos!,
  ...model.tokenize(prompt),
]

/** Best rounds of one way: tokens per second, and per second of CPU time. */
type Rates = { perSecond: number; perCpuSecond: number }

/** Runs all ways in turns on the same prompts. */
async function inTurns(ways: Record<string, Answer>, sampling: Sampling, rounds: number) {
  const best: Record<string, Rates> = {}
  for (let number = 0; number < rounds; number += 1) {
    const prompt = `One day, ${['a duck', 'Lily', 'the old cat', 'Ben'][number % 4]} number ${number}`
    for (const [way, answer] of Object.entries(ways)) {
      const [startedMs, before] = [performance.now(), process.cpuUsage()]
      const tokens = await answer(prompt, { ...sampling, seed: sampling.seed + number })
      const { user, system } = process.cpuUsage(before)
      const { perSecond = 0, perCpuSecond = 0 } = best[way] ?? {}
      best[way] = {
        perSecond: Math.max(perSecond, (1_000 * tokens) / (performance.now() - startedMs)),
        perCpuSecond: Math.max(perCpuSecond, (1_000_000 * tokens) / (user + system)),
      }
    }
  }
  return best
}

/** By CPU time: other processes take wall time from one way and not from the other. */
const share = (one: Rates | undefined, other: Rates | undefined): number =>
  round(one!.perCpuSecond / other!.perCpuSecond, 3)

const title = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`
const round = (value: number, digits: number): number => Number(value.toFixed(digits))
