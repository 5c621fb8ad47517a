import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import type { Hex } from 'viem'
import { openProofJournal } from './proofJournal.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duckmesh-proofs-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const word = (digit: string): Hex => `0x${digit.repeat(64)}`
const address = `0x${'11'.repeat(20)}` as const
const row = {
  taskId: word('1'),
  order: {
    requester: address,
    coordinator: address,
    providerId: 0,
    kind: 2,
    mode: 4,
    seats: 1,
    priceWei: 2n ** 90n,
    bondWei: 0n,
    modelId: word('2'),
    inputHash: word('3'),
    policy: word('4'),
    nonce: 5n,
    acceptBy: 100,
    execWindow: 0,
    disputeWindow: 0,
  },
  orderSignature: `0x${'22'.repeat(65)}` as Hex,
  outputHash: word('5'),
  proof: '0xabcd' as Hex,
  fromBlock: 7n,
}

test('a proof is found after a restart, and a second one for its task is not taken', () => {
  const first = openProofJournal(folder)
  assert.deepEqual(first.keep(row), { ...row, state: 'proved' })
  first.close()
  const second = openProofJournal(folder)
  assert.equal(second.keep({ ...row, proof: '0xffff' }).proof, row.proof)
  assert.deepEqual(second.open(), [{ ...row, state: 'proved' }])
  second.move(row.taskId, 'delivered')
  assert.deepEqual(second.open(), [])
  second.close()
})

test('the database itself refuses to change a proof', () => {
  const database = new DatabaseSync(join(folder, 'proofs.sqlite'))
  assert.throws(() => database.exec("UPDATE proofs SET proof = '0xff'"), /never changes/)
  database.close()
})
