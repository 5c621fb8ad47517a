import type { ReplayFigures } from './figures.ts'
import type { ReplayThresholds } from './thresholds.ts'

/** Outcome of a replay; the number is `ReplayVerdict.grade`. */
export const replayGrades = { accept: 0, recheck: 1, reject: 2 } as const
export type ReplayGrade = keyof typeof replayGrades

/** A mean counts as one over at least so many tokens: limits were measured on longer answers, and few tokens scatter more. */
const LEAST_TOKENS_OF_A_MEAN = 32

/** A grade with the figures that led to it. */
export type Graded = { grade: ReplayGrade; why: (keyof ReplayFigures)[] }

/**
 * Grades a comparison. Faults reject on any machine. Distances are judged by what honest machines of the same pair of
 * kernel classes were measured to reach; without such a measurement they never reject.
 * @param thresholds see `thresholdsFor`
 */
export function gradeOf(figures: ReplayFigures, thresholds: ReplayThresholds): Graded {
  const { accept, reject } = thresholds
  const weight = Math.min(1, figures.tokens / LEAST_TOKENS_OF_A_MEAN)
  const judged = {
    largestDistanceNats: figures.largestDistanceNats,
    endDistanceNats: figures.endDistanceNats,
    meanDistanceNats: figures.meanDistanceNats * weight,
    meanDeltaNats: figures.meanDeltaNats * weight,
  }
  const beyond = (limits: ReplayThresholds['accept']) =>
    (Object.keys(judged) as (keyof typeof judged)[]).filter((name) => judged[name] > limits[limitOf(name)])
  if (figures.faults.length > 0) return { grade: 'reject', why: ['faults'] }
  const rejected = reject ? beyond(reject) : []
  if (rejected.length > 0) return { grade: 'reject', why: rejected }
  const doubted = beyond(accept)
  return { grade: doubted.length > 0 ? 'recheck' : 'accept', why: doubted }
}

/** An end is judged like a token. */
const limitOf = <Name extends string>(name: Name) =>
  (name === 'endDistanceNats' ? 'largestDistanceNats' : name) as Exclude<Name, 'endDistanceNats'>
