import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReplayGrade } from '@duckmesh/protocol'
import { resolveModel } from '../provider-node/src/models/modelRegistry.ts'
import { installTinyllama } from '../provider-node/src/models/tinyllama.ts'
import { coarsenWeights } from '../provider-node/src/reference/coarsenWeights.fixture.ts'
import { type Machine, startMachine } from '../provider-node/src/reference/machine.fixture.ts'
import { type Bench, type BenchResult, bars } from './bench.ts'
import { detection } from './replay/detection.ts'
import { falseAlarms, graded, round } from './replay/falseAlarms.ts'
import { compareHonest } from './replay/honest.ts'
import { LIBRARIES } from './replay/libraries.ts'
import { completions, ending } from './replay/requests.ts'
import { onTwoThreads } from './replay/twoThreads.ts'

/** Far from the seeds of the calibration: nothing is judged by limits that it had a part in. */
const SEED = 100_000

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
      honest.push(...(await onTwoThreads(machines[0]!, 'stories15m', LIBRARIES[0]!, profile.twoThreads)))
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
