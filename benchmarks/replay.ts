import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Graded, gradeOf, type ReplayGrade, ruleOfThree, thresholdsFor } from '@duckmesh/protocol'
import { resolveModel } from '../provider-node/src/models/modelRegistry.ts'
import { installTinyllama } from '../provider-node/src/models/tinyllama.ts'
import { coarsenWeights } from '../provider-node/src/reference/coarsenWeights.fixture.ts'
import { type Machine, startMachine } from '../provider-node/src/reference/machine.fixture.ts'
import { type Bench, type BenchResult, bars } from './bench.ts'
import { cheatsFor } from './replay/cheats.ts'
import { type Comparison, compare, compareHonest } from './replay/honest.ts'
import { completions, ending } from './replay/requests.ts'

/** Far from the seeds of the calibration: nothing is judged by limits that it had a part in. */
const SEED = 100_000
const CHEAT_SEED = 200_000
const LIBRARIES = ['zen4', 'haswell', 'sse42']

/** Answers of each library, of one on two threads, that end by themselves, of each cheat, and for the cost. */
const profiles = {
  quick: { honest: [40, 40, 20], twoThreads: 4, ending: 40, cheats: 12, cost: 12 },
  long: { honest: [880, 880, 240], twoThreads: 16, ending: 300, cheats: 32, cost: 40 },
} as const
/** The same for the large model, whose answers are short. */
const largeProfiles = {
  quick: { honest: 16, cheats: 3, cost: 4 },
  long: { honest: 1_008, cheats: 12, cost: 8 },
} as const

/** What validators find, what they miss, what they falsely blame, and what it costs beside the answer itself. */
export const replay: Bench = {
  about:
    'Checks by replay: false alarms over honest answers of three kernel classes, cheats found, cost beside the answer',
  run: async (say, { long }) => {
    const profile = profiles[long ? 'long' : 'quick']
    const folder = await mkdtemp(join(tmpdir(), 'duckmesh-replay-'))
    const machines = LIBRARIES.map((kernelLibrary) => startMachine({ kernelLibrary }))
    try {
      const figures: BenchResult['figures'] = {}
      const honest = await compareHonest(
        machines,
        'stories15m',
        (index) => completions(profile.honest[index]!, SEED + index * 10_000),
        say,
      )
      honest.push(...(await onTwoThreads(machines[0]!, profile.twoThreads)))
      Object.assign(figures, falseAlarms('stories15m', honest))
      Object.assign(figures, await falseEnds(machines, 'stories15m', profile.ending, say))
      Object.assign(figures, await cost(machines[0]!, 'stories15m', profile.cost))
      const weights: Record<string, string> = { q4: 'stories15m-q4' }
      const { path } = await resolveModel('stories15m')
      for (const bits of [3, 5, 6]) {
        weights[`simulated${bits}Bit`] = join(folder, `stories15m-${bits}bit.gguf`)
        await coarsenWeights(path, weights[`simulated${bits}Bit`]!, bits)
      }
      const models = { ordered: 'stories15m', weights, other: 'duck1m' }
      Object.assign(figures, await detection('stories15m', models, profile.cheats, {}, say))
      const limits = {
        stories15mFalseRejects: '<=0',
        stories15mEndFalseRejects: '<=0',
        stories15mQ4RejectedShare: '>=0.9',
      }
      return { figures, bars: bars(figures, limits) }
    } finally {
      for (const machine of machines) machine.close()
      await rm(folder, { recursive: true })
    }
  },
}

const graded = ({ figures, profile }: Comparison): Graded =>
  gradeOf(figures, thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass))

/** The same answers computed by two threads, which is slow for a small model. */
async function onTwoThreads(validator: Machine, count: number): Promise<Comparison[]> {
  const machine = startMachine({ kernelLibrary: LIBRARIES[0], threads: 2 })
  try {
    const answers = await machine.call(
      'answer',
      'stories15m',
      completions(count, SEED + 90_000, { maxTokens: 16 }),
    )
    const found: Comparison[] = []
    for (const answer of answers) found.push(await compare(validator, 'stories15m', answer))
    return found
  } finally {
    machine.close()
  }
}

/** Honest answers that were not accepted. Comparisons of one answer on two machines are not independent: answers count. */
function falseAlarms(name: string, honest: readonly Comparison[]): BenchResult['figures'] {
  const count = (grade: ReplayGrade) => honest.filter((entry) => graded(entry).grade === grade).length
  const largest = (figure: 'largestDistanceNats' | 'meanDistanceNats' | 'meanDeltaNats') =>
    Math.max(...honest.map(({ figures }) => figures[figure]))
  const answers = new Set(honest.map(({ answerKey }) => answerKey)).size
  return {
    [`${name}HonestAnswers`]: answers,
    [`${name}HonestReplays`]: honest.length,
    [`${name}HonestTokens`]: honest.reduce((sum, { figures }) => sum + figures.tokens, 0),
    [`${name}FalseRejects`]: count('reject'),
    [`${name}FalseRechecks`]: count('recheck'),
    ...(count('reject') === 0 && { [`${name}FalseRejectBound95Share`]: round(ruleOfThree(answers)) }),
    [`${name}LargestDistanceNats`]: largest('largestDistanceNats'),
    [`${name}LargestMeanDistanceNats`]: largest('meanDistanceNats'),
    [`${name}LargestMeanDeltaNats`]: largest('meanDeltaNats'),
  }
}

/** Honest answers of each machine that say that they ended by themselves, and how far off their ends were. */
async function falseEnds(
  machines: readonly Machine[],
  name: string,
  count: number,
  say: (text: string) => void,
): Promise<BenchResult['figures']> {
  const requestsOf = (index: number) => ending(count, SEED + 50_000 + index * 10_000)
  const all = await compareHonest(machines, name, requestsOf, say)
  const ended = all.filter(({ finishReason }) => finishReason === 'stop')
  const countOf = (grade: ReplayGrade) => ended.filter((entry) => graded(entry).grade === grade).length
  return {
    [`${name}Ends`]: new Set(ended.map(({ answerKey }) => answerKey)).size,
    [`${name}EndReplays`]: ended.length,
    [`${name}EndFalseRejects`]: countOf('reject'),
    [`${name}EndFalseRechecks`]: countOf('recheck'),
    [`${name}LargestEndDistanceNats`]: Math.max(...ended.map(({ figures }) => figures.endDistanceNats)),
  }
}

/** Time of a replay ÷ time of the answer, on one machine, one at a time, greedy and sampled. */
async function cost(machine: Machine, model: string, count: number): Promise<BenchResult['figures']> {
  const shareOf = async (temperature: number) => {
    let [answerMs, replayMs] = [0, 0]
    for (const request of completions(count, SEED + 95_000, { temperature, topP: 1, maxTokens: 64 })) {
      const [answer] = await machine.call('answer', model, [request])
      const { tookMs: _tookMs, ...body } = answer!
      answerMs += answer!.tookMs
      replayMs += (await machine.call('replay', model, body)).tookMs
    }
    return round(replayMs / answerMs)
  }
  return {
    [`${model}GreedyCostShare`]: await shareOf(0),
    [`${model}SampledCostShare`]: await shareOf(0.8),
  }
}

/** Cheats are tried by so many pairs of machines at the same time. */
const LANES = 3

/** Shares of cheats that are rejected and accepted; half of the providers are of the other kernel class. */
async function detection(
  name: string,
  models: Parameters<typeof cheatsFor>[0],
  count: number,
  fields: Parameters<typeof completions>[2],
  say: (text: string) => void,
): Promise<BenchResult['figures']> {
  const cheats = Object.entries(cheatsFor(models))
  const found = new Map<string, ReplayGrade[]>()
  const lane = async (number: number) => {
    const [validator, other] = LIBRARIES.slice(0, 2).map((kernelLibrary) => startMachine({ kernelLibrary }))
    for (const [cheat, run] of cheats.filter((_, place) => place % LANES === number)) {
      const grades: ReplayGrade[] = []
      for (const [place, request] of completions(count, CHEAT_SEED, { maxTokens: 64, ...fields }).entries()) {
        const body = await run(place % 2 === 0 ? validator! : other!, request)
        if (body) grades.push(graded(await compare(validator!, models.ordered, { ...body, tookMs: 0 })).grade)
      }
      found.set(cheat, grades)
      say(
        `${name} ${cheat}: ${grades.length} answers, ${grades.filter((grade) => grade === 'reject').length} rejected`,
      )
    }
    validator?.close()
    other?.close()
  }
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
  return Object.fromEntries(
    cheats.flatMap(([cheat]) => {
      const grades = found.get(cheat) ?? []
      const share = (grade: ReplayGrade) =>
        round(grades.filter((other) => other === grade).length / Math.max(1, grades.length))
      const title = `${name}${cheat[0]!.toUpperCase()}${cheat.slice(1)}`
      return [
        [`${title}Answers`, grades.length],
        [`${title}RejectedShare`, share('reject')],
        [`${title}AcceptedShare`, share('accept')],
      ]
    }),
  )
}

/** The same with a model of 1.1 billion parameters, on the two kernel classes that are fast enough for it. */
export const replayLarge: Bench = {
  about: 'The same with TinyLlama 1.1B, which is fetched when it is not there (322 MB): short answers',
  run: async (say, { long }) => {
    const profile = largeProfiles[long ? 'long' : 'quick']
    await installTinyllama()
    const machines = LIBRARIES.slice(0, 2).map((kernelLibrary) => startMachine({ kernelLibrary }))
    try {
      const short = { maxTokens: 16 }
      const requestsOf = (index: number) => completions(profile.honest, SEED + index * 10_000, short)
      const honest = await compareHonest(machines, 'tinyllama', requestsOf, say)
      const models = { ordered: 'tinyllama', weights: {} }
      const figures = {
        ...falseAlarms('tinyllama', honest),
        ...(await cost(machines[0]!, 'tinyllama', profile.cost)),
        ...(await detection('tinyllama', models, profile.cheats, short, say)),
      }
      return { figures, bars: bars(figures, { tinyllamaFalseRejects: '<=0' }) }
    } finally {
      for (const machine of machines) machine.close()
    }
  },
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000
