import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  bytes32Schema,
  DuckMeshError,
  hexSchema,
  type JobId,
  type Order,
  orderSchema,
  stringifyWire,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'

/** A proof on its way: `proved` → `settled` → `delivered`, or `lost` when another one was paid or time ran out. */
export type ProofState = 'proved' | 'settled' | 'delivered' | 'lost'

/** One proof that this node made. Inputs are not kept: they may be secret, and the coordinator gives them again. */
export type ProofRow = {
  taskId: JobId
  state: ProofState
  order: Order
  orderSignature: Hex
  outputHash: Hex
  /** As `settleProof` takes it. */
  proof: Hex
  /** Head of the chain before the proof could be paid. */
  fromBlock: bigint
}

/** What a node must not forget of its proofs: a second one is never made for a task that has one. */
export type ProofJournal = {
  find(taskId: JobId): ProofRow | undefined
  /** Proofs that are not at their end. */
  open(): ProofRow[]
  /** Keeps a new proof; the first for a task stays. */
  keep(row: Omit<ProofRow, 'state'>): ProofRow
  move(taskId: JobId, state: ProofState): void
  close(): void
}

const schema = `
CREATE TABLE IF NOT EXISTS proofs (
  task_id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  order_json TEXT NOT NULL,
  order_signature TEXT NOT NULL,
  output_hash TEXT NOT NULL,
  proof TEXT NOT NULL,
  from_block TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS proof_is_kept BEFORE UPDATE ON proofs
WHEN NEW.proof IS NOT OLD.proof OR NEW.output_hash IS NOT OLD.output_hash
BEGIN SELECT RAISE(ABORT, 'a proof never changes'); END;
`

/**
 * Opens `proofs.sqlite` in the data folder of the node, which its journal holds locked. Every commit is flushed.
 * @throws DuckMeshError `STORE_UNAVAILABLE`
 */
export function openProofJournal(dataDir: string): ProofJournal {
  let database: DatabaseSync
  try {
    database = new DatabaseSync(join(dataDir, 'proofs.sqlite'))
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000')
    database.exec(schema)
  } catch (cause) {
    throw new DuckMeshError(
      'STORE_UNAVAILABLE',
      'The journal of proofs cannot be opened.',
      { dataDir },
      { cause },
    )
  }
  const find = (taskId: JobId): ProofRow | undefined => {
    const row = database.prepare('SELECT * FROM proofs WHERE task_id = ?').get(taskId)
    return row && toRow(row)
  }
  return {
    find,
    open: () =>
      database.prepare("SELECT * FROM proofs WHERE state IN ('proved', 'settled')").all().map(toRow),
    keep: (row) => {
      database
        .prepare("INSERT INTO proofs VALUES (?, 'proved', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .run(
          row.taskId,
          stringifyWire(row.order),
          row.orderSignature,
          row.outputHash,
          row.proof,
          row.fromBlock.toString(),
        )
      return find(row.taskId)!
    },
    move: (taskId, state) => {
      database.prepare('UPDATE proofs SET state = ? WHERE task_id = ?').run(state, taskId)
    },
    close: () => database.close(),
  }
}

const toRow = (row: Record<string, unknown>): ProofRow => ({
  taskId: bytes32Schema.parse(row.task_id),
  state: String(row.state) as ProofState,
  order: orderSchema.parse(JSON.parse(String(row.order_json))),
  orderSignature: String(row.order_signature) as Hex,
  outputHash: bytes32Schema.parse(row.output_hash),
  proof: hexSchema.parse(row.proof),
  fromBlock: BigInt(String(row.from_block)),
})
