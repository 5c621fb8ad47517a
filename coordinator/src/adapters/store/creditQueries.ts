import type { CreditStore, KeyRecord, TransferRecord } from '@duckmesh/gateway/home'
import { stringifyWire } from '@duckmesh/protocol'
import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely'
import { type Address, getAddress, type Hex } from 'viem'
import { authorizationSchema } from './creditRows.ts'
import type { OpenDatabase } from './openDatabase.ts'
import type { Database } from './schema.ts'

/** An amount as the database adds and compares it: exact, whatever its size. */
const wei = (amount: bigint): RawBuilder<string> => sql`${amount.toString()}::numeric`

/**
 * The books of prepaid credit over PostgreSQL, embedded or not. Rows of an account are always taken before those of its
 * keys, so that two transactions never wait for each other.
 * @throws DuckMeshError `STORE_UNAVAILABLE` from any call while the database is away
 */
export function createCreditStore({ database: db }: Pick<OpenDatabase, 'database'>): CreditStore {
  return {
    balance: async (account) => {
      const row = await db
        .selectFrom('gateway_accounts')
        .selectAll()
        .where('account', '=', account)
        .executeTakeFirst()
      if (!row) return undefined
      const { heldWei } = await db
        .selectFrom('gateway_holds')
        .select(sql<string>`coalesce(sum(amount_wei), 0)::text`.as('heldWei'))
        .where('account', '=', account)
        .executeTakeFirstOrThrow()
      return { freeWei: BigInt(row.free_wei), heldWei: BigInt(heldWei), spentWei: BigInt(row.spent_wei) }
    },
    addKey: async ({ keyId, keyHash, account, label, limitWei, committedWei, createdAtMs, revokedAtMs }) => {
      await db
        .insertInto('gateway_keys')
        .values({
          key_id: keyId,
          key_hash: keyHash,
          account,
          label,
          limit_wei: limitWei?.toString() ?? null,
          committed_wei: committedWei.toString(),
          created_at_ms: createdAtMs,
          revoked_at_ms: revokedAtMs,
        })
        .execute()
    },
    keyByHash: async (keyHash) => {
      const row = await db
        .selectFrom('gateway_keys')
        .selectAll()
        .where('key_hash', '=', keyHash)
        .executeTakeFirst()
      return row && toKey(row)
    },
    keysOf: async (account) => {
      const rows = await db
        .selectFrom('gateway_keys')
        .selectAll()
        .where('account', '=', account)
        .orderBy('created_at_ms')
        .execute()
      return rows.map(toKey)
    },
    revokeKey: async (account, keyId, nowMs) => {
      const { numUpdatedRows } = await db
        .updateTable('gateway_keys')
        .set({ revoked_at_ms: nowMs })
        .where('account', '=', account)
        .where('key_id', '=', keyId)
        .where('revoked_at_ms', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },
    hold: ({ holdId, keyId, account, amountWei, untilMs }) =>
      inTransaction(db, async (tx, undo) => {
        if (!(await takeFree(tx, account, amountWei))) return 'low'
        const key = await tx
          .updateTable('gateway_keys')
          .set({ committed_wei: sql`committed_wei + ${wei(amountWei)}` })
          .where('key_id', '=', keyId)
          .where('account', '=', account)
          .where('revoked_at_ms', 'is', null)
          .returning(sql<boolean>`limit_wei is null or committed_wei <= limit_wei`.as('fits'))
          .executeTakeFirst()
        if (!key) return undo('revoked' as const)
        if (!key.fits) return undo('limit' as const)
        const values = {
          hold_id: holdId,
          key_id: keyId,
          account,
          amount_wei: amountWei.toString(),
          until_ms: untilMs,
        }
        await tx.insertInto('gateway_holds').values(values).execute()
        return 'held'
      }),
    settle: (holdId, costWei) => db.transaction().execute((tx) => settleHold(tx, holdId, costWei)),
    releaseExpired: async (nowMs) => {
      const expired = await db
        .selectFrom('gateway_holds')
        .select('hold_id')
        .where('until_ms', '<', nowMs)
        .execute()
      let released = 0
      for (const { hold_id } of expired) {
        if (await db.transaction().execute((tx) => settleHold(tx, hold_id, 0n))) released++
      }
      return released
    },
    beginTransfer: (transfer) =>
      inTransaction(db, async (tx, undo) => {
        const { nonce, direction, account, amountWei, authorization, signature, fromBlock, createdAtMs } =
          transfer
        const values = {
          nonce,
          direction,
          account,
          amount_wei: amountWei.toString(),
          state: 'open',
          authorization_json: stringifyWire(authorization),
          signature,
          from_block: fromBlock.toString(),
          created_at_ms: createdAtMs,
        }
        const { numInsertedOrUpdatedRows } = await tx
          .insertInto('gateway_transfers')
          .values(values)
          .onConflict((conflict) => conflict.column('nonce').doNothing())
          .executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows === 0n) return 'exists'
        if (direction === 'out' && !(await takeFree(tx, account, amountWei))) return undo('low' as const)
        return 'begun'
      }),
    transfer: async (nonce) => {
      const row = await db
        .selectFrom('gateway_transfers')
        .selectAll()
        .where('nonce', '=', nonce)
        .executeTakeFirst()
      return row && toTransfer(row)
    },
    openTransfers: async () => {
      const open = db.selectFrom('gateway_transfers').selectAll().where('state', '=', 'open')
      return (await open.orderBy('created_at_ms').execute()).map(toTransfer)
    },
    transfersOf: async (account, limit) => {
      const rows = await db
        .selectFrom('gateway_transfers')
        .selectAll()
        .where('account', '=', account)
        .orderBy('created_at_ms', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toTransfer)
    },
    endTransfer: (nonce, state) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .updateTable('gateway_transfers')
          .set({ state })
          .where('nonce', '=', nonce)
          .where('state', '=', 'open')
          .returningAll()
          .executeTakeFirst()
        const isCredited = row && (row.direction === 'in') === (state === 'done')
        if (isCredited) await giveFree(tx, row.account, BigInt(row.amount_wei))
      }),
  }
}

/** Thrown to undo a transaction that is refused; carries the answer. */
class Undone<T> {
  readonly answer: T
  constructor(answer: T) {
    this.answer = answer
  }
}

/** Runs a transaction that may undo itself with an answer. */
async function inTransaction<T>(
  db: Kysely<Database>,
  work: (tx: Transaction<Database>, undo: <U extends T>(answer: U) => never) => Promise<T>,
): Promise<T> {
  const undo = (answer: T): never => {
    throw new Undone(answer)
  }
  try {
    return await db.transaction().execute((tx) => work(tx, undo))
  } catch (thrown) {
    if (thrown instanceof Undone) return thrown.answer as T
    throw thrown
  }
}

async function takeFree(tx: Transaction<Database>, account: string, amountWei: bigint): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('gateway_accounts')
    .set({ free_wei: sql`free_wei - ${wei(amountWei)}` })
    .where('account', '=', account)
    .where('free_wei', '>=', wei(amountWei))
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

async function giveFree(tx: Transaction<Database>, account: string, amountWei: bigint): Promise<void> {
  await tx
    .insertInto('gateway_accounts')
    .values({ account, free_wei: amountWei.toString(), spent_wei: '0' })
    .onConflict((conflict) =>
      conflict
        .column('account')
        .doUpdateSet({ free_wei: sql`gateway_accounts.free_wei + ${wei(amountWei)}` }),
    )
    .execute()
}

async function settleHold(tx: Transaction<Database>, holdId: string, costWei: bigint): Promise<boolean> {
  const hold = await tx
    .deleteFrom('gateway_holds')
    .where('hold_id', '=', holdId)
    .returningAll()
    .executeTakeFirst()
  if (!hold) return false
  const heldWei = BigInt(hold.amount_wei)
  const takenWei = costWei < heldWei ? costWei : heldWei
  const backWei = heldWei - takenWei
  await tx
    .updateTable('gateway_accounts')
    .set({ free_wei: sql`free_wei + ${wei(backWei)}`, spent_wei: sql`spent_wei + ${wei(takenWei)}` })
    .where('account', '=', hold.account)
    .execute()
  await tx
    .updateTable('gateway_keys')
    .set({ committed_wei: sql`committed_wei - ${wei(backWei)}` })
    .where('key_id', '=', hold.key_id)
    .execute()
  return true
}

const toKey = (row: Selectable<Database['gateway_keys']>): KeyRecord => ({
  keyId: row.key_id,
  keyHash: row.key_hash,
  account: getAddress(row.account),
  label: row.label,
  limitWei: row.limit_wei === null ? null : BigInt(row.limit_wei),
  committedWei: BigInt(row.committed_wei),
  createdAtMs: Number(row.created_at_ms),
  revokedAtMs: row.revoked_at_ms === null ? null : Number(row.revoked_at_ms),
})

const toTransfer = (row: Selectable<Database['gateway_transfers']>): TransferRecord => ({
  nonce: row.nonce as Hex,
  direction: row.direction as TransferRecord['direction'],
  account: row.account as Address,
  amountWei: BigInt(row.amount_wei),
  state: row.state as TransferRecord['state'],
  authorization: authorizationSchema.parse(JSON.parse(row.authorization_json)),
  signature: row.signature as Hex,
  fromBlock: BigInt(row.from_block),
  createdAtMs: Number(row.created_at_ms),
})
