// Promises job after job in a process of its own, until it is killed, for sqliteJournal.test.ts.
import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { DuckMeshError } from '@duckmesh/protocol'
import { newRow, promisedBy } from './journal.fixture.ts'
import { openSqliteJournal } from './sqliteJournal.ts'

const [folder = '', from = '0'] = process.argv.slice(2)
try {
  const journal = openSqliteJournal(folder)
  for (let number = Number(from); ; number++) {
    const row = newRow(number)
    journal.receive(row)
    const stands = journal.promise(row.jobId, 0, promisedBy(randomBytes(32).toString('hex')))
    // told only now, as the node does: what left the process must be on disk
    writeSync(1, `${number} ${stands.seat?.commitment}\n`)
  }
} catch (error) {
  process.exit(error instanceof DuckMeshError && error.code === 'STORE_LOCKED' ? 3 : 1)
}
