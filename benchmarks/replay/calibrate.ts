// Measures how far honest answers lie apart and writes protocol/src/reference/thresholds.json.
// node benchmarks/replay/calibrate.ts [--quick] [model …]: half an hour for all models, minutes with --quick
import { readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Calibration } from '@duckmesh/protocol'
import { startMachine } from '../../provider-node/src/reference/machine.fixture.ts'
import { type Comparison, compareHonest } from './honest.ts'
import { completions } from './requests.ts'

/** By model: libraries of the engine that stand for the machines, with the answers that each gives. */
const plans: Record<string, { libraries: Record<string, number>; maxTokens?: number }> = {
  stories15m: { libraries: { zen4: 200, haswell: 200, sse42: 120 } },
  duck1m: { libraries: { zen4: 100, haswell: 100, sse42: 60 } },
  tinyllama: { libraries: { zen4: 40, haswell: 40 }, maxTokens: 16 },
}
const CALIBRATION_SEED = 0
/** Limits as multiples of the largest honest figure. */
const ACCEPT = 1.25
const REJECT = 2
/** Figures of classes that compute nearly alike are not trusted below this. */
const LEAST = { largestDistanceNats: 0.2, meanDistanceNats: 0.006, meanDeltaNats: 0.02 } as const

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' } },
})
const path = new URL('../../protocol/src/reference/thresholds.json', import.meta.url)
const kept = JSON.parse(await readFile(path, 'utf8')) as Calibration[]
const models = positionals.length > 0 ? positionals : Object.keys(plans)
const measured: Calibration[] = []
for (const model of models) {
  const { libraries, maxTokens } = plans[model]!
  const machines = Object.keys(libraries).map((kernelLibrary) => startMachine({ kernelLibrary }))
  const counts = Object.values(libraries)
  const requestsOf = (index: number) => {
    const count = flags.quick ? 12 : counts[index]!
    return completions(count, CALIBRATION_SEED + index * 1_000, maxTokens ? { maxTokens } : {})
  }
  const found = await compareHonest(
    machines,
    model,
    requestsOf,
    (text) => process.stderr.write(`${text}\n`),
    1,
  )
  for (const machine of machines) machine.close()
  const groups = Map.groupBy(found, ({ kernelClasses }) => kernelClasses.toSorted().join())
  measured.push(...[...groups.values()].map((group) => calibrationOf(model, group)))
}
const names = new Set(measured.map(({ name }) => name))
const all = [...kept.filter(({ name }) => !names.has(name)), ...measured]
await writeFile(path, `${JSON.stringify(all, null, 2)}\n`)

function calibrationOf(name: string, group: Comparison[]): Calibration {
  const { kernelClasses, profile } = group[0]!
  const largest = (figure: keyof typeof LEAST) => Math.max(...group.map(({ figures }) => figures[figure]))
  const limits = (factor: number) => {
    const limit = (figure: keyof typeof LEAST) => round(factor * Math.max(LEAST[figure], largest(figure)))
    return {
      largestDistanceNats: limit('largestDistanceNats'),
      meanDistanceNats: limit('meanDistanceNats'),
      meanDeltaNats: limit('meanDeltaNats'),
    }
  }
  return {
    model: profile.model,
    name,
    kernelClasses: kernelClasses.toSorted() as [string, string],
    accept: limits(ACCEPT),
    reject: limits(REJECT),
    honest: {
      answers: group.length,
      tokens: group.reduce((sum, { figures }) => sum + figures.tokens, 0),
      largestDistanceNats: largest('largestDistanceNats'),
      meanDistanceNats: largest('meanDistanceNats'),
      meanDeltaNats: largest('meanDeltaNats'),
    },
  }
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
