/** A limit that a figure must keep, e.g. `{ limit: '<=200000', ok: true }`. */
export type Bar = { limit: string; ok: boolean }

/** What a benchmark measured. Figure names end in their unit. */
export type BenchResult = { figures: Record<string, number>; bars: Record<string, Bar> }

/** How thoroughly a benchmark is run. */
export type BenchOptions = {
  /** `--long`: as many samples as the committed results have, where that takes more than minutes. */
  long: boolean
}

/** A benchmark: measures, and says on standard error how far it is. */
export type Bench = {
  /** What is measured, against what, in one sentence. */
  about: string
  run(say: (text: string) => void, options: BenchOptions): Promise<BenchResult>
}

/**
 * Compares figures with limits.
 * @param limits by figure name: `<=N` or `>=N`
 */
export function bars(figures: Record<string, number>, limits: Record<string, string>): Record<string, Bar> {
  return Object.fromEntries(
    Object.entries(limits).map(([key, limit]) => {
      const value = figures[key]
      const bound = Number(limit.slice(2))
      const ok = value !== undefined && (limit.startsWith('<=') ? value <= bound : value >= bound)
      return [key, { limit, ok }]
    }),
  )
}

/**
 * Value at a share of sorted values (nearest rank).
 * @param share 0.5 for the median
 */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no values')
  return value
}
