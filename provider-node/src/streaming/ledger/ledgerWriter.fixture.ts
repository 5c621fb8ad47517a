// Streams one answer after another into a ledger in a process of its own, until it is killed, for sqliteLedger.test.ts.
import { writeSync } from 'node:fs'
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

const [folder = '', round = '0'] = process.argv.slice(2)
const ledger = openSqliteLedger(folder)
ledger.see(channelId, config, sight)
for (let number = Number(round) * 1_000_000; ; number++) {
  const { stream, streamId } = newStream(number)
  const row = ledger.begin(stream, streamId, 1, voucherOf(10n ** 12n))
  for (let chunks = 1; chunks <= 5; chunks++) {
    ledger.give(streamId, chunkOf(chunks - 1), progressOf(row, chunks, BigInt(chunks)))
    // told only now, as the node does: what left the process must be kept
    writeSync(1, `given ${streamId} ${chunks};\n`)
  }
  ledger.end(streamId, endOf(streamId, 5n), number)
  await ledger.flushed()
  writeSync(1, `ended ${streamId} 5;\n`)
}
