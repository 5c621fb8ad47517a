import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { DuckMeshError } from '@duckmesh/protocol'
import { newRow, promisedBy, revealBy } from './journal.fixture.ts'
import { openSqliteJournal } from './sqliteJournal.ts'

const folders: string[] = []
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'duckmesh-journal-'))
  folders.push(folder)
  return folder
}
const isCode = (code: string) => (error: DuckMeshError) => error.code === code

describe('sqliteJournal', () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true })
  })

  test('gives back everything that was written, also after it was opened again', () => {
    const folder = newFolder()
    const journal = openSqliteJournal(folder)
    const row = newRow(1)
    journal.receive(row)
    journal.promise(row.jobId, 0, promisedBy('a'))
    journal.note(row.jobId, 0, 'commitAcceptedAtMs', 5)
    journal.note(row.jobId, 0, 'commitAcceptedAtMs', 9)
    const before = journal.find(row.jobId, 0)
    journal.close()
    const again = openSqliteJournal(folder)
    assert.deepEqual(again.find(row.jobId, 0), before)
    assert.deepEqual(before?.order, row.order)
    assert.deepEqual(before?.promised, promisedBy('a'))
    assert.equal(before?.commitAcceptedAtMs, 5, 'the first time counts')
    assert.equal(before?.state, 'promised')
    again.close()
  })

  test('a second promise for a job and round is not taken: the first one stands', () => {
    const journal = openSqliteJournal(newFolder())
    const row = newRow(2)
    journal.receive(row)
    assert.deepEqual(journal.promise(row.jobId, 0, promisedBy('a')), promisedBy('a'))
    assert.deepEqual(journal.promise(row.jobId, 0, promisedBy('b')), promisedBy('a'))
    journal.receive({ ...row, round: 1 })
    assert.deepEqual(journal.promise(row.jobId, 1, promisedBy('b')), promisedBy('b'), 'another round is free')
    journal.close()
  })

  test('not even a direct write to the file changes or deletes a promise', () => {
    const folder = newFolder()
    const journal = openSqliteJournal(folder)
    const row = newRow(3)
    journal.receive(row)
    journal.promise(row.jobId, 0, promisedBy('a'))
    journal.close()
    const database = new DatabaseSync(join(folder, 'journal.sqlite'))
    assert.throws(() => database.exec("UPDATE jobs SET promised_json = '{}'"), /a promise never changes/)
    assert.throws(() => database.exec('UPDATE jobs SET promised_json = NULL'), /a promise never changes/)
    assert.throws(() => database.exec('DELETE FROM jobs'), /a promise is never deleted/)
    database.close()
  })

  test('work that was promised cannot be given up; work that was given up cannot be promised', () => {
    const journal = openSqliteJournal(newFolder())
    const [kept, dropped] = [newRow(4), newRow(5)]
    journal.receive(kept)
    journal.promise(kept.jobId, 0, promisedBy('a'))
    journal.abandon(kept.jobId, 0, 'EXECUTOR_FAILED')
    assert.equal(journal.find(kept.jobId, 0)?.state, 'promised')
    journal.receive(dropped)
    journal.abandon(dropped.jobId, 0, 'EXECUTOR_FAILED')
    assert.throws(() => journal.promise(dropped.jobId, 0, promisedBy('a')), isCode('WRONG_STAGE'))
    assert.deepEqual(
      journal.list(['promised', 'received']).map(({ jobId }) => jobId),
      [kept.jobId],
    )
    journal.close()
  })

  test('a reveal is kept once, under the only assignment that the seat has committed to', () => {
    const folder = newFolder()
    const journal = openSqliteJournal(folder)
    const [row, twice] = [newRow(6), newRow(7)]
    const [first, second] = [newRow(8).jobId, newRow(9).jobId]
    for (const { jobId } of [row, twice]) {
      journal.receive({ ...row, jobId })
      assert.throws(() => journal.reveal(jobId, 0, first, revealBy('a')), isCode('WRONG_STAGE'))
      journal.promise(jobId, 0, promisedBy('a'))
      assert.throws(() => journal.reveal(jobId, 0, first, revealBy('a')), isCode('WRONG_STAGE'))
      journal.commitUnder(jobId, 0, first)
      journal.commitUnder(jobId, 0, first)
    }
    assert.deepEqual(journal.reveal(row.jobId, 0, first, revealBy('a')), revealBy('a'))
    assert.deepEqual(journal.reveal(row.jobId, 0, first, revealBy('b')), revealBy('a'))
    assert.throws(() => journal.commitUnder(row.jobId, 0, second), isCode('ALREADY_REVEALED'))
    journal.commitUnder(twice.jobId, 0, second)
    assert.throws(() => journal.reveal(twice.jobId, 0, second, revealBy('a')), isCode('WRONG_STAGE'))
    journal.close()
    const database = new DatabaseSync(join(folder, 'journal.sqlite'))
    const change = (what: string) => () =>
      database.exec(`UPDATE jobs SET ${what} WHERE job_id = '${row.jobId}'`)
    assert.throws(change("reveal_json = '{}'"), /a reveal never changes/)
    assert.throws(change('reveal_json = NULL'), /a reveal never changes/)
    assert.throws(change("committed_under_json = '[]'"), /a seat that revealed keeps its assignment/)
    assert.throws(change("assignment_json = '{}'"), /a seat that revealed keeps its assignment/)
    database.close()
  })

  test('a receipt is signed once', () => {
    const journal = openSqliteJournal(newFolder())
    const row = newRow(6)
    journal.receive(row)
    const receiptOf = (tokens: number) => ({
      receipt: {
        jobId: row.jobId,
        providerId: 1,
        outputHash: row.jobId,
        assignmentHash: row.jobId,
        amountWei: 7n,
        promptTokens: tokens,
        completionTokens: 1,
        startedAt: 1,
        finishedAt: 2,
      },
      signature: `0x${'22'.repeat(65)}` as const,
    })
    assert.deepEqual(journal.signReceipt(row.jobId, 0, receiptOf(1)), receiptOf(1))
    assert.deepEqual(journal.signReceipt(row.jobId, 0, receiptOf(2)), receiptOf(1))
    journal.close()
  })

  test('a pin keeps its first value', () => {
    const journal = openSqliteJournal(newFolder())
    assert.equal(journal.pin('coordinator', 'first'), 'first')
    assert.equal(journal.pin('coordinator', 'second'), 'first')
    assert.equal(journal.pinned('nothing'), undefined)
    journal.close()
  })

  test('two journals never share a folder, in one process or in two', async () => {
    const folder = newFolder()
    const journal = openSqliteJournal(folder)
    assert.throws(() => openSqliteJournal(folder), isCode('STORE_LOCKED'))
    const other = spawnWriter(folder)
    const [exitCode] = await once(other, 'exit')
    assert.equal(exitCode, 3, 'the other process was refused with STORE_LOCKED')
    journal.close()
    openSqliteJournal(folder).close()
  })

  test('after kill -9 in the middle of writing, every promise that was told of is there', async () => {
    const folder = newFolder()
    const told = new Map<number, string>()
    for (let crash = 0; crash < 3; crash++) {
      const writer = spawnWriter(folder, told.size)
      const goal = told.size + 40
      for await (const line of createInterface({ input: writer.stdout })) {
        const [number, commitment] = line.split(' ')
        told.set(Number(number), String(commitment))
        if (told.size >= goal) writer.kill('SIGKILL')
      }
      const journal = openSqliteJournal(folder)
      for (const [number, commitment] of told) {
        const promised = journal.find(newRow(number).jobId, 0)?.promised
        assert.equal(promised?.seat?.commitment, commitment)
        assert.equal(promised?.result.text, `text of ${commitment}`, 'result and commitment belong together')
      }
      journal.close()
    }
    assert.ok(told.size >= 120)
  })
})

/** A process that promises one job after another and tells of each, with random commitments. */
function spawnWriter(folder: string, from = 0) {
  const script = fileURLToPath(new URL('journalWriter.fixture.ts', import.meta.url))
  const flags = ['--disable-warning=ExperimentalWarning', script, folder, String(from)]
  return spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
}
