import type { EvidenceKind } from './item.ts'

/** What evidence shows once it was checked, and what it does not, in plain words. */
export const evidenceMeaning: Record<EvidenceKind, { proves: string; doesNotProve: string }> = {
  execution: {
    proves: 'the provider signed that it gave this output for this job, and how it is paid is on chain',
    doesNotProve: 'that the output is right: the verification mode of the job says what was checked',
  },
  audit: {
    proves: 'a registered validator signed this verdict about just this output',
    doesNotProve: 'that its replay was honest, or that validator and provider do not belong together',
  },
  sla: {
    proves:
      'the observer signed these figures, they follow from its samples, and it cannot change them any more',
    doesNotProve: 'that the samples are what happened: they are the word of the observer',
  },
}
