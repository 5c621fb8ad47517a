import { mkdir } from 'node:fs/promises'
import { DuckMeshError } from '@duckmesh/protocol'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import lockfile from 'proper-lockfile'
import { type Database, migrations } from './schema.ts'

/** An open database, and whether this process is its only user. */
export type OpenDatabase = { database: Kysely<Database>; isExclusive: boolean; close(): Promise<void> }

/**
 * Opens PostgreSQL, or the embedded one (PGlite) when there is no URL, and makes the tables.
 * @param databaseUrl postgres://… or undefined
 * @param dataDir folder of the embedded database; `memory://` keeps nothing
 * @throws DuckMeshError `STORE_LOCKED` when another process holds the folder, `STORE_UNAVAILABLE` when it does not open
 */
export async function openDatabase(databaseUrl: string | undefined, dataDir: string): Promise<OpenDatabase> {
  try {
    const opened = databaseUrl ? openPostgres(databaseUrl) : await openEmbedded(dataDir)
    await migrate(opened)
    return opened
  } catch (error) {
    if (error instanceof DuckMeshError) throw error
    throw new DuckMeshError('STORE_UNAVAILABLE', 'The database did not open.', {}, { cause: error })
  }
}

/** Any number that nothing else locks in this database. */
const MIGRATION_LOCK = 0xd0c4

// two processes that make the same table at one moment would make one of them fail, `if not exists` or not
async function migrate({ database }: OpenDatabase): Promise<void> {
  await database.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx)
    for (const statement of migrations) await sql.raw(statement).execute(tx)
  })
}

function openPostgres(databaseUrl: string): OpenDatabase {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8, connectionTimeoutMillis: 5_000 })
  // a connection that breaks between two queries is replaced, and the next query tells; unheard, its error would end
  // the process: the pool tells of idle ones, each client of itself while it is in a transaction
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const database = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  return { database, isExclusive: false, close: () => database.destroy() }
}

async function openEmbedded(dataDir: string): Promise<OpenDatabase> {
  const release = dataDir.startsWith('memory://') ? undefined : await lock(dataDir)
  const pglite = await PGlite.create(dataDir.startsWith('memory://') ? dataDir : `${dataDir}/postgres`)
  const database = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) })
  const close = async () => {
    await database.destroy()
    await release?.()
  }
  return { database, isExclusive: true, close }
}

// PGlite does not notice a second process on its folder: each would see only its own rows
async function lock(dataDir: string): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true })
  try {
    // a dead holder stops touching the lock and loses it after `stale` ms, which the retries wait out
    return await lockfile.lock(dataDir, {
      stale: 2_000,
      update: 1_000,
      retries: { retries: 8, minTimeout: 400, maxTimeout: 400 },
    })
  } catch (error) {
    const message = `Another process uses ${dataDir}.`
    throw new DuckMeshError('STORE_LOCKED', message, { dataDir }, { cause: error })
  }
}
