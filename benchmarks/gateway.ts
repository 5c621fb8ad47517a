import { DuckMeshError } from '@duckmesh/protocol'
import { installTinyllama } from '@duckmesh/provider-node'
import { type Bench, bars } from './bench.ts'
import { compareCeilings } from './gateway/compareCeilings.ts'
import { type Comparison, compareStreams } from './gateway/compareStreams.ts'
import { startSides } from './gateway/startSides.ts'

/** A model so small that what surrounds it shows: it makes a token in about a millisecond. */
const tiny: Comparison = {
  model: 'stories15m',
  tokens: 64,
  suffix: '',
  loads: [
    { streams: 1, rounds: 100, warmUps: 10 },
    { streams: 8, rounds: 10, warmUps: 2 },
    { streams: 32, rounds: 4, warmUps: 1 },
  ],
}
/** The same for answers as long as its context allows, of which the beginning is a smaller part. */
const long: Comparison = {
  model: 'stories15m',
  tokens: 200,
  suffix: 'Long',
  loads: [
    { streams: 1, rounds: 40, warmUps: 5 },
    { streams: 8, rounds: 6, warmUps: 1 },
    { streams: 32, rounds: 2, warmUps: 1 },
  ],
}
/** A model that people would use: few tokens, since they take long. */
const real: Comparison = {
  model: 'tinyllama',
  tokens: 16,
  suffix: 'TinyLlama',
  loads: [
    { streams: 1, rounds: 10, warmUps: 1 },
    { streams: 8, rounds: 2, warmUps: 0 },
  ],
}

/** What the gateway and the lane add to an engine, and how much the surface carries by itself. */
export const gateway: Bench = {
  about: `Streamed completions (${tiny.tokens} and ${long.tokens} tokens of ${tiny.model}, ${real.tokens} of TinyLlama 1.1B): client → gateway → provider against client → the same engine; peer of the ceiling: http-proxy before a bare server`,
  run: async (say) => {
    const models = (await isThere(say)) ? [tiny, long, real] : [tiny, long]
    const figures: Record<string, number> = {}
    for (const comparison of models) {
      const { stop, ...sides } = await startSides(comparison.model)
      try {
        Object.assign(figures, await compareStreams(sides, comparison, say))
      } finally {
        await stop()
      }
    }
    Object.assign(figures, await compareCeilings(say))
    return { figures, bars: bars(figures, Object.assign({}, ...models.map(limitsOf))) }
  },
}

/** The same bars for every load and model. */
const limitsOf = ({ loads, suffix }: Comparison): Record<string, string> =>
  Object.fromEntries(
    loads.flatMap(({ streams }) => [
      [`addedFirstP50Ms${streams}${suffix}`, '<=5'],
      [`addedFirstP99Ms${streams}${suffix}`, '<=25'],
      [`tokenRateRatio${streams}${suffix}`, '>=0.97'],
    ]),
  )

/** Whether the larger model can be had; without a network its figures are left out, and that is said. */
async function isThere(say: (text: string) => void): Promise<boolean> {
  try {
    await installTinyllama()
    return true
  } catch (thrown) {
    const { code, message } = DuckMeshError.from(thrown)
    if (code !== 'UPSTREAM_ERROR') throw thrown
    say(`without TinyLlama: ${message}`)
    return false
  }
}
