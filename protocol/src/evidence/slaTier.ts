/** Most that a tier allows, and least that it asks for. */
export type SlaThresholds = {
  /** Number of the tier in a signed window; 0 is no tier. */
  code: number
  /** Longest answer among the fastest 95 %, milliseconds. */
  mostP95Ms: number
  /** Share of looks at which the provider was there, 1/1,000,000. */
  leastUptimePpm: number
}

/** Tiers of service, best first. Prices, replicas and places that a tier may also mean are no part of a measurement. */
export const slaTiers = {
  gold: { code: 3, mostP95Ms: 400, leastUptimePpm: 999_000 },
  silver: { code: 2, mostP95Ms: 1_200, leastUptimePpm: 990_000 },
  bronze: { code: 1, mostP95Ms: 2_500, leastUptimePpm: 970_000 },
} as const satisfies Record<string, SlaThresholds>
export type SlaTier = keyof typeof slaTiers | 'none'

/** Answers and looks that a tier needs: of fewer than 20, the slowest 5 % is not even one. */
export const leastSlaSamples = 20

/** What a tier is judged by. */
export type SlaFigures = {
  /** Looks whether the provider was there. */
  looks: number
  /** Share of looks at which it was, 1/1,000,000. */
  uptimePpm: number
  /** Jobs that it answered. */
  answers: number
  /** Jobs that were taken from it because it did not. */
  errors: number
  /** Nearest-rank percentiles of the time to answer, milliseconds, errors included as `slaNeverMs`; 0 without jobs. */
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

/** Best tier that figures reach. */
export function slaTierOf({ looks, uptimePpm, answers, errors, p95Ms }: SlaFigures): SlaTier {
  if (looks < leastSlaSamples || answers + errors < leastSlaSamples) return 'none'
  const names = Object.keys(slaTiers) as (keyof typeof slaTiers)[]
  const reached = names.find(
    (name) => p95Ms <= slaTiers[name].mostP95Ms && uptimePpm >= slaTiers[name].leastUptimePpm,
  )
  return reached ?? 'none'
}

/** Number of a tier in a signed window. */
export const slaTierCode = (tier: SlaTier): number => (tier === 'none' ? 0 : slaTiers[tier].code)
