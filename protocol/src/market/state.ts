import { DuckMeshError } from '../errors/duckMeshError.ts'

/** Where a job is. The coordinator keeps redundant jobs, and those of the on-chain lane from their dispute on. */
export const jobStates = [
  'received',
  'assigned',
  'committed',
  'anchored',
  'reseating',
  'posted',
  'accepted',
  'submitted',
  'disputed',
  'settled',
  'refunded',
  'failed',
  'expired',
] as const
export type JobState = (typeof jobStates)[number]

/** The only place that knows the edges: from state, by named edge, to state. */
const EDGES = {
  received: { assign: 'assigned', expire: 'expired' },
  assigned: {
    reassign: 'assigned',
    commit: 'committed',
    anchor: 'anchored',
    expire: 'expired',
    refund: 'refunded',
  },
  // all seats have committed and are asked to reveal: paid at once when they agree, anchored when they do not
  committed: {
    settle: 'settled',
    anchor: 'anchored',
    reassign: 'assigned',
    expire: 'expired',
    refund: 'refunded',
  },
  anchored: { settle: 'settled', reseat: 'reseating', refund: 'refunded', undo: 'assigned' },
  reseating: { assign: 'assigned', refund: 'refunded' },
  posted: { accept: 'accepted', refund: 'refunded' },
  accepted: { submit: 'submitted', fail: 'failed' },
  submitted: { settle: 'settled', dispute: 'disputed' },
  disputed: { assign: 'assigned', settle: 'settled', refund: 'refunded' },
  settled: {},
  refunded: {},
  failed: {},
  expired: {},
} as const satisfies Record<JobState, Partial<Record<string, JobState>>>

/** Name of an edge of the state machine. */
export type JobEdge = { [S in JobState]: keyof (typeof EDGES)[S] }[JobState] & string

/**
 * Follows an edge.
 * @throws DuckMeshError `ILLEGAL_TRANSITION` when the state has no such edge
 * @example transition('received', 'assign') // 'assigned'
 */
export function transition(from: JobState, edge: JobEdge): JobState {
  const to = (EDGES[from] as Partial<Record<JobEdge, JobState>>)[edge]
  if (!to)
    throw new DuckMeshError('ILLEGAL_TRANSITION', `A ${from} job has no edge "${edge}".`, { from, edge })
  return to
}

/** Whether a job in this state never changes again. */
export const isTerminal = (state: JobState): boolean => Object.keys(EDGES[state]).length === 0

/** Status numbers of `jobOf(jobId)` on chain. */
export const onchainStatus = {
  none: 0,
  open: 1,
  active: 2,
  submitted: 3,
  disputed: 4,
  committing: 5,
  anchored: 6,
  reseating: 7,
  paid: 8,
  refunded: 9,
  failed: 10,
} as const
export type OnchainStatus = keyof typeof onchainStatus

/** Name of an on-chain status number. */
export function onchainStatusName(status: number): OnchainStatus {
  const found = Object.entries(onchainStatus).find(([, value]) => value === status)
  if (!found) throw new DuckMeshError('UPSTREAM_ERROR', `Unknown on-chain job status ${status}.`, { status })
  return found[0] as OnchainStatus
}
