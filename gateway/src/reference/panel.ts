import type { ProviderId, ReplayGrade } from '@duckmesh/protocol'

/** How one validator graded an answer. */
export type Vote = { validatorId: ProviderId; grade: ReplayGrade }

/** What the votes so far mean for the provider, and who was alone against two. */
export type PanelOutcome = {
  result: 'accepted' | 'rejected' | 'undecided'
  outvoted: ProviderId[]
}

/** Validators that are asked about one answer at most. */
export const MOST_VALIDATORS = 3

/**
 * Decides on an answer: one acceptance is enough when it comes first; after any doubt two of three must agree.
 * @param votes in the order in which they came
 * @returns the outcome; undefined while another validator is to be asked
 */
export function panelOutcome(votes: readonly Vote[]): PanelOutcome | undefined {
  if (votes[0]?.grade === 'accept') return { result: 'accepted', outvoted: [] }
  const of = (grade: ReplayGrade) => votes.filter((vote) => vote.grade === grade)
  const ids = (found: readonly Vote[]) => found.map(({ validatorId }) => validatorId)
  if (of('reject').length >= 2) return { result: 'rejected', outvoted: ids(of('accept')) }
  if (of('accept').length >= 2) return { result: 'accepted', outvoted: ids(of('reject')) }
  return votes.length >= MOST_VALIDATORS ? { result: 'undecided', outvoted: [] } : undefined
}
