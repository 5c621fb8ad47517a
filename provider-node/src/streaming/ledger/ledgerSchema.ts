/**
 * Tables of the streaming books. Amounts are text of 29 digits (uint96), so that they compare as numbers do. The
 * triggers hold what must never happen to money, whatever the code does.
 */
export const ledgerSchema = `
CREATE TABLE IF NOT EXISTS channels (
  channel_id TEXT PRIMARY KEY,
  config_json TEXT NOT NULL,
  funded_wei TEXT NOT NULL,
  claimed_wei TEXT NOT NULL,
  closable_after INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  voucher_wei TEXT NOT NULL,
  voucher_signature TEXT,
  ended_wei TEXT NOT NULL CHECK (ended_wei <= voucher_wei)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS streams (
  stream_id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL REFERENCES channels (channel_id),
  nonce TEXT NOT NULL,
  stream_json TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  head TEXT NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  amount_wei TEXT NOT NULL,
  chunk_bytes INTEGER NOT NULL DEFAULT 0,
  end_json TEXT,
  ended_at_ms INTEGER,
  UNIQUE (channel_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS streams_running ON streams (channel_id) WHERE end_json IS NULL;
CREATE INDEX IF NOT EXISTS streams_ended ON streams (ended_at_ms) WHERE end_json IS NOT NULL;

CREATE TABLE IF NOT EXISTS chunks (
  stream_id TEXT NOT NULL,
  chunk INTEGER NOT NULL,
  chunk_json TEXT NOT NULL,
  PRIMARY KEY (stream_id, chunk)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS channel_is_kept BEFORE UPDATE ON channels
WHEN NEW.channel_id IS NOT OLD.channel_id OR NEW.config_json IS NOT OLD.config_json
BEGIN SELECT RAISE(ABORT, 'a channel never changes'); END;

CREATE TRIGGER IF NOT EXISTS channel_is_not_forgotten BEFORE DELETE ON channels
BEGIN SELECT RAISE(ABORT, 'a channel is never deleted'); END;

CREATE TRIGGER IF NOT EXISTS voucher_never_falls BEFORE UPDATE ON channels
WHEN NEW.voucher_wei < OLD.voucher_wei
  OR (NEW.voucher_wei = OLD.voucher_wei AND NEW.voucher_signature IS NOT OLD.voucher_signature)
BEGIN SELECT RAISE(ABORT, 'a voucher is only replaced by a larger one'); END;

CREATE TRIGGER IF NOT EXISTS owed_never_falls BEFORE UPDATE ON channels
WHEN NEW.ended_wei < OLD.ended_wei
BEGIN SELECT RAISE(ABORT, 'what is owed never falls'); END;

CREATE TRIGGER IF NOT EXISTS end_is_kept BEFORE UPDATE ON streams
WHEN OLD.end_json IS NOT NULL AND (NEW.end_json IS NOT OLD.end_json OR NEW.head IS NOT OLD.head
  OR NEW.amount_wei IS NOT OLD.amount_wei OR NEW.chunks IS NOT OLD.chunks)
BEGIN SELECT RAISE(ABORT, 'an ended stream never changes'); END;

CREATE TRIGGER IF NOT EXISTS stream_is_kept BEFORE UPDATE ON streams
WHEN NEW.stream_json IS NOT OLD.stream_json OR NEW.channel_id IS NOT OLD.channel_id OR NEW.nonce IS NOT OLD.nonce
BEGIN SELECT RAISE(ABORT, 'a stream keeps its terms'); END;

CREATE TRIGGER IF NOT EXISTS progress_never_falls BEFORE UPDATE ON streams
WHEN NEW.chunks < OLD.chunks OR NEW.completion_tokens < OLD.completion_tokens OR NEW.amount_wei < OLD.amount_wei
BEGIN SELECT RAISE(ABORT, 'what was given stays given'); END;

CREATE TRIGGER IF NOT EXISTS running_stream_is_not_forgotten BEFORE DELETE ON streams
WHEN OLD.end_json IS NULL
BEGIN SELECT RAISE(ABORT, 'a running stream is never deleted'); END;

CREATE TRIGGER IF NOT EXISTS chunk_is_kept BEFORE UPDATE ON chunks
BEGIN SELECT RAISE(ABORT, 'a chunk never changes'); END;
`
