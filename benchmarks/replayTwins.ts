import { installTinyllama } from '../provider-node/src/models/tinyllama.ts'
import { startMachine } from '../provider-node/src/reference/machine.fixture.ts'
import { type Bench, bars } from './bench.ts'
import { detection } from './replay/detection.ts'
import { falseAlarms } from './replay/falseAlarms.ts'
import { LIBRARIES } from './replay/libraries.ts'
import { onTwoThreads } from './replay/twoThreads.ts'

/** Answers of two threads by each of two kernel classes, four in an engine batch; requests of the smaller model. */
const profiles = { quick: { honest: 8, cheats: 4 }, long: { honest: 64, cheats: 32 } }

/** What stands beside TinyLlama: itself on two threads, which must pass, and a smaller model in its place. */
export const replayTwins: Bench = {
  about:
    'Checks by replay of TinyLlama 1.1B (322 MB, fetched): its answers by two threads, and those of a smaller model',
  run: async (say, { long }) => {
    await installTinyllama()
    const profile = profiles[long ? 'long' : 'quick']
    const found = []
    const [one, other] = LIBRARIES
    for (const [answering, replaying] of [
      [one, other],
      [other, one],
    ] as const) {
      const validator = startMachine({ kernelLibrary: replaying, threads: 1 })
      try {
        found.push(...(await onTwoThreads(validator, 'tinyllama', answering, profile.honest)))
        say(`${answering}: ${profile.honest} answers of two threads`)
      } finally {
        validator.close()
      }
    }
    const models = { ordered: 'tinyllama', weights: {}, other: 'stories15m' }
    const isOther = (cheat: string) => cheat.startsWith('otherModel')
    const figures = {
      ...falseAlarms('tinyllamaTwoThreads', found),
      ...(await detection('tinyllama', models, profile.cheats, { maxTokens: 16 }, say, isOther)),
    }
    const limits = { tinyllamaTwoThreadsFalseRejects: '<=0', tinyllamaOtherModelRejectedShare: '>=0.9' }
    return { figures, bars: bars(figures, limits) }
  },
}
