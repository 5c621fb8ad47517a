/**
 * Tables of the journal. The triggers hold what the node must never do, whatever its code does: change a promise, a
 * reveal or a receipt, commit under another assignment after a reveal, or forget a promise.
 */
export const journalSchema = `
CREATE TABLE IF NOT EXISTS jobs (
  job_id TEXT NOT NULL,
  round INTEGER NOT NULL,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  order_json TEXT NOT NULL,
  order_signature TEXT NOT NULL,
  request_json TEXT NOT NULL,
  assignment_json TEXT,
  assignment_signature TEXT,
  seen_block TEXT NOT NULL,
  promised_json TEXT,
  committed_under_json TEXT,
  reveal_json TEXT,
  receipt_json TEXT,
  outcome_json TEXT,
  error_code TEXT,
  received_at_ms INTEGER NOT NULL,
  commit_accepted_at_ms INTEGER,
  bound_seen_at_ms INTEGER,
  opening_accepted_at_ms INTEGER,
  final_at_ms INTEGER,
  PRIMARY KEY (job_id, round)
) STRICT;

CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, received_at_ms);

CREATE TABLE IF NOT EXISTS pins (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TRIGGER IF NOT EXISTS promise_is_kept BEFORE UPDATE ON jobs
WHEN OLD.promised_json IS NOT NULL AND NEW.promised_json IS NOT OLD.promised_json
BEGIN SELECT RAISE(ABORT, 'a promise never changes'); END;

CREATE TRIGGER IF NOT EXISTS reveal_is_kept BEFORE UPDATE ON jobs
WHEN OLD.reveal_json IS NOT NULL AND NEW.reveal_json IS NOT OLD.reveal_json
BEGIN SELECT RAISE(ABORT, 'a reveal never changes'); END;

CREATE TRIGGER IF NOT EXISTS reveal_binds_the_seat BEFORE UPDATE ON jobs
WHEN OLD.reveal_json IS NOT NULL AND (NEW.committed_under_json IS NOT OLD.committed_under_json
  OR NEW.assignment_json IS NOT OLD.assignment_json)
BEGIN SELECT RAISE(ABORT, 'a seat that revealed keeps its assignment'); END;

CREATE TRIGGER IF NOT EXISTS receipt_is_kept BEFORE UPDATE ON jobs
WHEN OLD.receipt_json IS NOT NULL AND NEW.receipt_json IS NOT OLD.receipt_json
BEGIN SELECT RAISE(ABORT, 'a receipt never changes'); END;

CREATE TRIGGER IF NOT EXISTS promise_is_not_forgotten BEFORE DELETE ON jobs
WHEN OLD.promised_json IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a promise is never deleted'); END;
`
