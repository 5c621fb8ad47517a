import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Ledger } from '../../ports/ledger.ts'
import {
  channelId,
  chunkOf,
  config,
  endOf,
  newStream,
  progressOf,
  sight,
  voucherOf,
} from './ledger.fixture.ts'
import { openSqliteLedger } from './sqliteLedger.ts'

const writer = fileURLToPath(new URL('ledgerWriter.fixture.ts', import.meta.url))

describe('SqliteLedger', () => {
  let folder: string
  let ledger: Ledger
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckmesh-ledger-'))
    ledger = openSqliteLedger(folder)
    ledger.see(channelId, config, sight)
  })
  afterEach(async () => {
    ledger.close()
    await rm(folder, { recursive: true, force: true })
  })

  const begin = (number: number, maxWei = 1_000n) => {
    const { stream, streamId } = newStream(number)
    return ledger.begin(stream, streamId, 7, voucherOf(maxWei))
  }
  /** Runs SQL behind the back of the ledger. */
  const tamper = (sql: string) => {
    const database = new DatabaseSync(join(folder, 'streams.sqlite'))
    try {
      database.exec(sql)
    } finally {
      database.close()
    }
  }

  test('keeps channel, voucher, stream, chunks and end across a reopening', () => {
    const row = begin(1)
    ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 70n))
    ledger.give(row.streamId, chunkOf(1), progressOf(row, 2, 90n))
    ledger.end(row.streamId, endOf(row.streamId, 90n), 5_000)
    ledger.close()
    ledger = openSqliteLedger(folder)
    assert.deepEqual(ledger.channel(channelId), {
      channelId,
      config,
      sight,
      voucher: voucherOf(1_000n),
      endedWei: 90n,
    })
    assert.deepEqual(ledger.stream(row.streamId), {
      ...row,
      ...progressOf(row, 2, 90n),
      end: endOf(row.streamId, 90n),
    })
    assert.deepEqual(ledger.chunks(row.streamId, 1, 10), [chunkOf(1)])
    assert.deepEqual(ledger.running(), [])
  })

  test('a stream ends once: the second end gives back the first, and is not counted', () => {
    const row = begin(1)
    ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 70n))
    const first = ledger.end(row.streamId, endOf(row.streamId, 70n), 1)
    const second = ledger.end(row.streamId, { ...endOf(row.streamId, 70n), finishReason: 'error' }, 2)
    assert.deepEqual(second, first)
    assert.equal(ledger.channel(channelId)?.endedWei, 70n)
  })

  test('a nonce is used once on a channel, and the voucher of a refused stream is not taken', () => {
    begin(1)
    const { stream } = newStream(1)
    const other = { ...stream, expiresAt: stream.expiresAt + 1 }
    assert.throws(() => ledger.begin(other, `0x${'77'.repeat(32)}`, 7, voucherOf(5_000n)), {
      code: 'STREAM_KNOWN',
    })
    assert.equal(ledger.channel(channelId)?.voucher?.maxCumulativeWei, 1_000n)
  })

  test('only a larger voucher replaces the one that is there', () => {
    begin(1)
    ledger.raise(channelId, voucherOf(999n))
    assert.equal(ledger.channel(channelId)?.voucher?.maxCumulativeWei, 1_000n)
    ledger.raise(channelId, voucherOf(10_000n))
    assert.equal(ledger.channel(channelId)?.voucher?.maxCumulativeWei, 10_000n, 'as a number, not as text')
  })

  test('a chunk is given once and in its place', () => {
    const row = begin(1)
    ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 70n))
    assert.throws(() => ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 70n)))
    assert.equal(ledger.stream(row.streamId)?.amountWei, 70n)
  })

  test('more is never owed than the voucher allows, and the stream then stays without an end', () => {
    const row = begin(1, 50n)
    ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 51n))
    assert.throws(() => ledger.end(row.streamId, endOf(row.streamId, 51n), 1), /CHECK/)
    assert.equal(ledger.stream(row.streamId)?.end, null)
    assert.equal(ledger.channel(channelId)?.endedWei, 0n)
  })

  test('the database itself refuses what must never happen', () => {
    const row = begin(1)
    const open = begin(2)
    ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 70n))
    ledger.give(open.streamId, chunkOf(0), progressOf(open, 1, 70n))
    ledger.end(row.streamId, endOf(row.streamId, 70n), 1)
    for (const [sql, reason] of [
      [`UPDATE streams SET end_json = '{}' WHERE stream_id = '${row.streamId}'`, /ended stream/],
      [
        `UPDATE streams SET amount_wei = '${'9'.repeat(29)}' WHERE stream_id = '${row.streamId}'`,
        /ended stream/,
      ],
      [`UPDATE streams SET end_json = NULL WHERE stream_id = '${row.streamId}'`, /ended stream/],
      [
        `UPDATE streams SET amount_wei = '${'0'.repeat(29)}' WHERE stream_id = '${open.streamId}'`,
        /stays given/,
      ],
      [`UPDATE streams SET chunks = 0 WHERE stream_id = '${open.streamId}'`, /stays given/],
      [`UPDATE streams SET nonce = '9' WHERE stream_id = '${open.streamId}'`, /keeps its terms/],
      [`DELETE FROM streams WHERE stream_id = '${open.streamId}'`, /running stream/],
      [`UPDATE chunks SET chunk_json = '{}'`, /chunk never changes/],
      [`UPDATE channels SET voucher_wei = '${'0'.repeat(29)}'`, /larger one/],
      [`UPDATE channels SET voucher_signature = '0x'`, /larger one/],
      [`UPDATE channels SET ended_wei = '${'0'.repeat(29)}'`, /never falls/],
      [`UPDATE channels SET config_json = '{}'`, /channel never changes/],
      ['DELETE FROM channels', /never deleted/],
    ] as const) {
      assert.throws(() => tamper(sql), reason, sql)
    }
  })

  test('drops chunks by age and by size, then streams, and never what runs', () => {
    const rows = [1, 2, 3].map((number) => begin(number))
    for (const row of rows) ledger.give(row.streamId, chunkOf(0), progressOf(row, 1, 10n))
    const [old, late, running] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]]
    ledger.end(old.streamId, endOf(old.streamId, 10n), 1_000)
    ledger.end(late.streamId, endOf(late.streamId, 10n), 9_000)
    const kept = () => rows.map(({ streamId }) => ledger.chunks(streamId, 0, 9).length)
    ledger.sweep({ chunksBeforeMs: 5_000, maxChunkBytes: 1e9, streamsBeforeMs: 0 })
    assert.deepEqual(kept(), [0, 1, 1])
    ledger.sweep({ chunksBeforeMs: 0, maxChunkBytes: 0, streamsBeforeMs: 0 })
    assert.deepEqual(kept(), [0, 0, 1])
    assert.ok(ledger.stream(old.streamId)?.end, 'the receipt stays')
    ledger.sweep({ chunksBeforeMs: 0, maxChunkBytes: 0, streamsBeforeMs: 5_000 })
    assert.equal(ledger.stream(old.streamId), undefined)
    assert.ok(ledger.stream(late.streamId) && ledger.stream(running.streamId))
    assert.equal(ledger.channel(channelId)?.endedWei, 20n, 'what is owed stays')
  })

  test('flushes that are asked for together share one, and all resolve', async () => {
    begin(1)
    await Promise.all(Array.from({ length: 50 }, () => ledger.flushed()))
    await ledger.flushed()
  })

  test('a process that is killed while it writes loses nothing that it told, and breaks no sum', async () => {
    ledger.close()
    for (let round = 0; round < 4; round++) {
      const child = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', writer, folder, String(round)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      let told = ''
      child.stdout.on('data', (chunk) => {
        told += chunk
      })
      while (told.split('\n').length < 40 + 25 * round) await new Promise((resolve) => setTimeout(resolve, 5))
      child.kill('SIGKILL')
      await once(child, 'exit')
      ledger = openSqliteLedger(folder)
      const lines = told.split('\n').filter((line) => line.endsWith(';'))
      for (const line of lines) {
        const [what, streamId, value] = line.slice(0, -1).split(' ') as [string, `0x${string}`, string]
        const row = ledger.stream(streamId)
        if (what === 'given') assert.ok(row && row.chunks >= Number(value), line)
        if (what === 'ended') assert.equal(row?.end?.receipt.receipt.amountWei, BigInt(value), line)
      }
      const running = ledger.running()
      // a stream that an earlier kill cut has nobody here to end it, so each round may leave one
      const cutNow = running.filter(({ stream }) => stream.nonce >= BigInt(round * 1_000_000))
      assert.ok(cutNow.length <= 1)
      assert.ok(running.length <= round + 1)
      for (const { streamId, chunks } of running)
        assert.equal(ledger.chunks(streamId, 0, 1_000).length, chunks)
      ledger.close()
    }
    ledger = openSqliteLedger(folder)
  })
})
