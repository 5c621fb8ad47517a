import { after, before, describe } from 'node:test'
import { findPostgres, startPostgres, type TestPostgres } from '@duckmesh/local-chain'
import { type OpenDatabase, openDatabase } from '../src/adapters/store/openDatabase.ts'

const bin = findPostgres()

/**
 * Declares the same tests for the embedded database and for a PostgreSQL server of their own.
 * @param suite is given a function that opens the database: the embedded one anew and empty, that of the server again, as a
 * further process would
 */
export function onEachDatabase(suite: (open: () => Promise<OpenDatabase>, isServer: boolean) => void): void {
  describe('embedded database', () => suite(() => openDatabase(undefined, 'memory://'), false))
  const skip = bin === undefined && 'no PostgreSQL here: neither the package from npm nor one in /usr/lib'
  describe('PostgreSQL', { skip }, () => {
    let postgres: TestPostgres
    before(async () => {
      postgres = await startPostgres(bin!)
    })
    suite(() => openDatabase(postgres.databaseUrl, ''), true)
    after(() => postgres?.remove())
  })
}
