import type { JobState, TaskState } from '@duckmesh/protocol'
import type { Generated } from 'kysely'

/** States of a first round in which nothing of the price has moved yet. */
export const UNPAID_JOBS: readonly JobState[] = ['received', 'assigned', 'committed']
/** States of a proof task that is not over. */
export const OPEN_TASKS: readonly TaskState[] = ['pending', 'assigned', 'in_progress']
/** A point of priority lets a proof task go before those that came this much earlier, ms. */
export const HEAD_START_MS = 1_000
/** The place of a proof task in the queue: it only grows older, so no task waits behind later ones for ever. */
export const QUEUE_PLACE = `(created_at_ms - priority * ${HEAD_START_MS}::bigint)`

/** Tables as Kysely sees them. JSON is text in wire form: amounts stay exact, and every reader parses by schema. */
export type Database = {
  jobs: {
    job_id: string
    state: string
    round: number
    requester: string
    nonce: string
    price_wei: string
    order_json: string
    order_signature: string
    request_json: string
    outcome_json: string | null
    skipped_json: string
    from_block: string
    created_at_ms: string | number
    updated_at_ms: string | number
    /** When the job wants attention; null for never. */
    due_at_ms: string | number | null
    lease_until_ms: string | number
  }
  seatings: { id: Generated<number>; job_id: string; round: number; seating_json: string }
  seats: {
    job_id: string
    round: number
    provider_id: string | number
    stage: string
    work_seq: string | number
    assigned_at_ms: string | number
    commitment: string | null
    commit_signature: string | null
    committed_at_ms: string | number | null
    salt: string | null
    output_hash: string | null
    result_json: string | null
    receipt_json: string | null
    opened_at_ms: string | number | null
    reveal_signature: string | null
    /** Whether its receipt was looked at for evidence. */
    is_filed: Generated<boolean>
  }
  events: { job_id: string; seq: number; type: string; at_ms: string | number; data_json: string }
  nodes: { provider_id: string | number; announce_json: string; last_seen_at_ms: string | number }
  transactions: { hash: string; job_id: string; kind: string; at_ms: string | number }
  /** Prepaid credit of the hosted gateway. Amounts are DUCK wei. */
  gateway_accounts: { account: string; free_wei: string; spent_wei: string }
  gateway_keys: {
    key_id: string
    /** sha256 of the key, hex. */
    key_hash: string
    account: string
    label: string
    limit_wei: string | null
    committed_wei: string
    created_at_ms: string | number
    revoked_at_ms: string | number | null
  }
  gateway_holds: {
    hold_id: string
    key_id: string
    account: string
    amount_wei: string
    until_ms: string | number
  }
  gateway_transfers: {
    nonce: string
    direction: string
    account: string
    amount_wei: string
    state: string
    authorization_json: string
    signature: string
    from_block: string
    created_at_ms: string | number
  }
  provers: {
    prover_id: string | number
    signing_key: string
    offer_json: string
    last_seen_at_ms: string | number
  }
  proof_tasks: {
    task_id: string
    state: string
    requester: string
    nonce: string
    price_wei: string
    order_json: string
    order_signature: string
    circuit: string
    request_json: string
    privacy_level: number
    priority: number
    needs_gpu: boolean
    inputs_json: string | null
    sealed_json: string | null
    prover_id: string | number | null
    attempt: number
    expires_at_ms: string | number | null
    skipped_json: string
    result_json: string | null
    failure: string | null
    from_block: string
    created_at_ms: string | number
    updated_at_ms: string | number
  }
  proof_attempts: {
    task_id: string
    attempt: number
    prover_id: string | number
    score_bps: number
    outcome: string | null
    /** Error code of a decline. */
    code: string | null
    quality_bps: number | null
    started_at_ms: string | number
    ended_at_ms: string | number | null
    /** Signed claim about a proof that does not hold, with the proof. */
    claim_json: string | null
    is_reported: boolean
  }
  evidence: {
    /** Evidence hash. */
    hash: string
    kind: string
    /** Null for a measurement. */
    job_id: string | null
    /** Who signed it, or was measured. */
    provider_id: string | number
    item_json: string
    taken_at_ms: string | number
    /** Batch that it was sealed in; null while it waits. */
    sequence: number | null
    leaf_index: number | null
    /** Siblings up to the root. */
    path_json: string | null
  }
  evidence_batches: {
    sequence: number
    batch_json: string
    is_anchored: boolean
    transaction: string | null
  }
}

/** Statements that make the tables; each can run again without harm. */
export const migrations = [
  `create table if not exists jobs (
    job_id text primary key, state text not null, round integer not null, requester text not null,
    nonce text not null, price_wei text not null, order_json text not null, order_signature text not null,
    request_json text not null, outcome_json text, skipped_json text not null, from_block text not null,
    created_at_ms bigint not null, updated_at_ms bigint not null, due_at_ms bigint, lease_until_ms bigint not null)`,
  `create index if not exists jobs_due on jobs (due_at_ms) where due_at_ms is not null`,
  `create index if not exists jobs_requester on jobs (requester) where due_at_ms is not null`,
  `create index if not exists jobs_changed on jobs (requester, updated_at_ms)`,
  `create table if not exists seatings (
    id serial primary key, job_id text not null references jobs, round integer not null, seating_json text not null)`,
  `create index if not exists seatings_job on seatings (job_id)`,
  `create sequence if not exists work_seq`,
  `create table if not exists seats (
    job_id text not null references jobs, round integer not null, provider_id bigint not null, stage text not null,
    work_seq bigint not null, assigned_at_ms bigint not null, commitment text, commit_signature text,
    committed_at_ms bigint, salt text, output_hash text, result_json text, receipt_json text, opened_at_ms bigint,
    primary key (job_id, round, provider_id))`,
  `alter table seats add column if not exists reveal_signature text`,
  `create index if not exists seats_work on seats (provider_id, work_seq) where stage in ('assigned', 'committed')`,
  `create table if not exists events (
    job_id text not null references jobs, seq integer not null, type text not null, at_ms bigint not null,
    data_json text not null, primary key (job_id, seq))`,
  `create table if not exists nodes (
    provider_id bigint primary key, announce_json text not null, last_seen_at_ms bigint not null)`,
  `create table if not exists transactions (
    hash text primary key, job_id text not null references jobs, kind text not null, at_ms bigint not null)`,
  `create table if not exists gateway_accounts (
    account text primary key, free_wei numeric not null check (free_wei >= 0),
    spent_wei numeric not null check (spent_wei >= 0))`,
  `create table if not exists gateway_keys (
    key_id text primary key, key_hash text not null unique, account text not null references gateway_accounts,
    label text not null, limit_wei numeric, committed_wei numeric not null check (committed_wei >= 0),
    created_at_ms bigint not null, revoked_at_ms bigint)`,
  `create index if not exists gateway_keys_account on gateway_keys (account)`,
  `create table if not exists gateway_holds (
    hold_id text primary key, key_id text not null references gateway_keys, account text not null,
    amount_wei numeric not null check (amount_wei >= 0), until_ms bigint not null)`,
  `create index if not exists gateway_holds_account on gateway_holds (account)`,
  `create index if not exists gateway_holds_until on gateway_holds (until_ms)`,
  `create table if not exists gateway_transfers (
    nonce text primary key, direction text not null, account text not null, amount_wei numeric not null,
    state text not null, authorization_json text not null, signature text not null, from_block text not null,
    created_at_ms bigint not null)`,
  `create index if not exists gateway_transfers_open on gateway_transfers (created_at_ms) where state = 'open'`,
  `create index if not exists gateway_transfers_account on gateway_transfers (account, created_at_ms)`,
  `create table if not exists provers (
    prover_id bigint primary key, signing_key text not null, offer_json text not null,
    last_seen_at_ms bigint not null)`,
  `create table if not exists proof_tasks (
    task_id text primary key, state text not null, requester text not null, nonce text not null,
    price_wei text not null, order_json text not null, order_signature text not null, circuit text not null,
    request_json text not null, privacy_level integer not null, priority integer not null, needs_gpu boolean not null,
    inputs_json text, sealed_json text, prover_id bigint, attempt integer not null, expires_at_ms bigint,
    skipped_json text not null, result_json text, failure text, from_block text not null,
    created_at_ms bigint not null, updated_at_ms bigint not null)`,
  `drop index if exists proof_tasks_open`,
  `create index if not exists proof_tasks_queue on proof_tasks (${QUEUE_PLACE}, task_id) where state = 'pending'`,
  `create index if not exists proof_tasks_prover on proof_tasks (prover_id)
    where state in ('assigned', 'in_progress')`,
  `create index if not exists proof_tasks_requester on proof_tasks (requester, updated_at_ms)`,
  `create table if not exists proof_attempts (
    task_id text not null references proof_tasks, attempt integer not null, prover_id bigint not null,
    score_bps integer not null, outcome text, quality_bps integer, started_at_ms bigint not null,
    ended_at_ms bigint, claim_json text, is_reported boolean not null, primary key (task_id, attempt))`,
  `alter table proof_attempts add column if not exists code text`,
  `create index if not exists proof_attempts_prover on proof_attempts (prover_id)`,
  `alter table seats add column if not exists is_filed boolean not null default false`,
  `create index if not exists seats_unfiled on seats (opened_at_ms) where receipt_json is not null and not is_filed`,
  `create index if not exists seats_committed on seats (provider_id, committed_at_ms)`,
  `create index if not exists seats_excused on seats (provider_id, assigned_at_ms) where stage = 'excused'`,
  `create table if not exists evidence_batches (
    sequence integer primary key, batch_json text not null, is_anchored boolean not null, transaction text)`,
  `create table if not exists evidence (
    hash text primary key, kind text not null, job_id text, provider_id bigint not null, item_json text not null,
    taken_at_ms bigint not null, sequence integer references evidence_batches, leaf_index integer,
    path_json text)`,
  `create unique index if not exists evidence_said on evidence (job_id, kind, provider_id) where job_id is not null`,
  `create index if not exists evidence_waits on evidence (taken_at_ms, hash) where sequence is null`,
  `create unique index if not exists evidence_leaves on evidence (sequence, leaf_index) where sequence is not null`,
  `create index if not exists evidence_sla on evidence (provider_id, taken_at_ms) where kind = 'sla'`,
]
