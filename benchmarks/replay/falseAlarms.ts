import { type Graded, gradeOf, type ReplayGrade, ruleOfThree, thresholdsFor } from '@duckmesh/protocol'
import type { BenchResult } from '../bench.ts'
import type { Comparison } from './honest.ts'

/** What a validator says of a comparison. */
export const graded = ({ figures, profile }: Comparison): Graded =>
  gradeOf(figures, thresholdsFor(profile.model, profile.kernelClass, figures.kernelClass))

/** Honest answers that were not accepted. Comparisons of one answer on two machines are not independent: answers count. */
export function falseAlarms(name: string, honest: readonly Comparison[]): BenchResult['figures'] {
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

/** Four digits behind the point. */
export const round = (value: number): number => Math.round(value * 10_000) / 10_000
