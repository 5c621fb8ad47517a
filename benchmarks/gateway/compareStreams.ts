import { percentile } from '../bench.ts'
import { cpuTimeMs } from './cpuTime.ts'
import { readStream, type Streamed } from './readStream.ts'
import type { Side } from './startSides.ts'

/** So many streams at once, so often; rounds before the first that counts open channels and let programs warm up. */
export type Load = { streams: number; rounds: number; warmUps: number }

export type Comparison = {
  model: string
  /** Tokens of each answer. */
  tokens: number
  loads: readonly Load[]
  /** Ends the names of the figures. */
  suffix: string
}

type Seen = { streamed: Streamed[]; tookMs: number; cpuMs: Record<string, number> }

/** Streams from both sides in turns, no prompt twice. @returns figures of each load, their names ended by it */
export async function compareStreams(
  sides: Record<'direct' | 'mesh', Side>,
  { model, tokens, loads, suffix }: Comparison,
  say: (text: string) => void,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  let story = 0
  for (const { streams, rounds, warmUps } of loads) {
    const seen: Record<'direct' | 'mesh', Seen> = { direct: nothing(), mesh: nothing() }
    for (let round = -warmUps; round < rounds; round++) {
      for (const side of ['direct', 'mesh'] as const) {
        const { url, processes } = sides[side]
        const before = cpuTimes(processes)
        const startedMs = performance.now()
        const streamed = await Promise.all(
          Array.from({ length: streams }, () =>
            readStream(url, model, `Story ${story++}: Once upon a time`, tokens),
          ),
        )
        if (round < 0) continue
        const { cpuMs } = seen[side]
        seen[side].tookMs += performance.now() - startedMs
        seen[side].streamed.push(...streamed)
        for (const [name, usedMs] of Object.entries(cpuTimes(processes)))
          cpuMs[name] = (cpuMs[name] ?? 0) + usedMs - before[name]!
      }
    }
    const own = figuresOf(seen, `${streams}${suffix}`)
    Object.assign(figures, own)
    const text = Object.entries(own).map(([name, value]) => `${name} ${value}`)
    say(`${model}, ${streams} at once: ${text.join(', ')}`)
  }
  return figures
}

const nothing = (): Seen => ({ streamed: [], tookMs: 0, cpuMs: {} })

function figuresOf({ direct, mesh }: Record<'direct' | 'mesh', Seen>, end: string): Record<string, number> {
  const first = ({ streamed }: Seen, share: number) =>
    percentile(
      streamed.map(({ firstMs }) => firstMs),
      share,
    )
  const rate = ({ streamed, tookMs }: Seen) =>
    (1_000 * streamed.reduce((sum, { tokens }) => sum + tokens, 0)) / tookMs
  return {
    [`directFirstP50Ms${end}`]: rounded(first(direct, 0.5)),
    [`meshFirstP50Ms${end}`]: rounded(first(mesh, 0.5)),
    [`addedFirstP50Ms${end}`]: rounded(first(mesh, 0.5) - first(direct, 0.5)),
    [`addedFirstP99Ms${end}`]: rounded(first(mesh, 0.99) - first(direct, 0.99)),
    [`directTokensPerSecond${end}`]: rounded(rate(direct)),
    [`meshTokensPerSecond${end}`]: rounded(rate(mesh)),
    [`tokenRateRatio${end}`]: Number((rate(mesh) / rate(direct)).toFixed(3)),
    ...cpuFigures('direct', direct, end),
    ...cpuFigures('mesh', mesh, end),
  }
}

/** CPU time of each process for one answer. */
const cpuFigures = (side: string, { streamed, cpuMs }: Seen, end: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(cpuMs).map(([name, usedMs]) => [
      `${side}${name[0]!.toUpperCase()}${name.slice(1)}CpuMs${end}`,
      rounded(usedMs / streamed.length),
    ]),
  )

function cpuTimes(processes: Record<string, number>): Record<string, number> {
  const times = Object.entries(processes).map(([name, pid]) => [name, cpuTimeMs(pid)] as const)
  return Object.fromEntries(times.filter((entry): entry is [string, number] => entry[1] !== undefined))
}

const rounded = (value: number): number => Number(value.toFixed(1))
