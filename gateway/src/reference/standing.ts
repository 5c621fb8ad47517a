import type { DutyRecord, Evidence, JobId, ProviderId } from '@duckmesh/protocol'

/** What this buyer has found out about a provider by checks. */
export type Standing = {
  providerId: ProviderId
  /** Answers accepted in a row since the last one that was not. */
  streak: number
  /** Checks of its answers that came to an end. */
  checks: number
  /** Known answers that it judged wrongly as a validator, or verdicts in which two others stood against it. */
  misjudged: number
  /** Unix milliseconds of the evidence against it; null while there is none. */
  caughtAtMs: number | null
}

/** What is written at once. */
export type StandingChange = {
  standing?: Standing | undefined
  /** Whether a stream was due, before it is checked. */
  duty?: DutyRecord | undefined
  evidence?: Evidence | undefined
}

/** Keeps what checks found over restarts. A promise that is kept means: it is on disk. */
export type StandingStore = {
  /** A provider without an entry is new. */
  standing(providerId: ProviderId): Promise<Standing>
  /** What was decided about a stream; undefined when nothing was. */
  duty(streamId: JobId): Promise<DutyRecord | undefined>
  /** Streams with whether they were due, oldest first, to be audited when the secret is revealed. */
  duties(): Promise<DutyRecord[]>
  evidence(): Promise<Evidence[]>
  /** @throws DuckMeshError `STORE_UNAVAILABLE` */
  save(change: StandingChange): Promise<void>
}

/** A provider that nothing is known of. */
export const newStanding = (providerId: ProviderId): Standing => ({
  providerId,
  streak: 0,
  checks: 0,
  misjudged: 0,
  caughtAtMs: null,
})
