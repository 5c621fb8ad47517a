import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { curves, powersOfTau } from 'snarkjs'
import { bench, mainOf } from '../../test/harness.ts'
import { compile } from '../../toolchain/compile.ts'
import { endProver, prove, verify } from '../../toolchain/prove.ts'
import type { VerifyingKey } from '../verifyingKey.ts'
import { beacon, contribute, finalize, init, type Phase1, verifyCeremony } from './ceremony.ts'

// A phase 1 of our own at 2^5: enough for a small circuit, and worthless, for its one contributor is this test.
const main = mainOf('gadgets/bits.circom', 'Width(6)', ['in'])
const folder = mkdtempSync(join(tmpdir(), 'duckmesh-ceremony-'))
const at = (name: string) => join(folder, name)
let phase1: Phase1
let files: { r1csPath: string; ptauPath: string; transcriptPath: string }

before(async () => {
  const curve = await curves.getCurveFromName('bn128')
  await powersOfTau.newAccumulator(curve, 5, at('0.ptau'))
  await powersOfTau.contribute(at('0.ptau'), at('1.ptau'), 'test', 'not secret')
  await powersOfTau.preparePhase2(at('1.ptau'), at('final.ptau'))
  const blake2b = createHash('blake2b512')
    .update(readFileSync(at('final.ptau')))
    .digest('hex')
  phase1 = { 5: { file: 'final.ptau', blake2b } }
  const { r1csPath } = await compile('width-6', main)
  files = { r1csPath, ptauPath: at('final.ptau'), transcriptPath: at('transcript.json') }
})

after(async () => {
  await endProver()
  rmSync(folder, { recursive: true })
})

test('a phase-1 file that is not pinned, or too small, is refused', async () => {
  const broken = readFileSync(at('final.ptau'))
  broken[broken.length - 1]! ^= 1
  writeFileSync(at('broken.ptau'), broken)
  const start = (ptauPath: string, table: Phase1) =>
    init('width-6', { ...files, ptauPath }, at('0.zkey'), table)
  await assert.rejects(start(at('broken.ptau'), phase1), /none of the pinned/)
  await assert.rejects(start(at('final.ptau'), { 2: phase1[5]! }), /needs 2\^\d powers/)
})

test('the ceremony runs in order, and its keys prove and verify', async () => {
  await init('width-6', files, at('0.zkey'), phase1)
  await assert.rejects(init('width-6', files, at('0.zkey'), phase1), /started once/)
  await assert.rejects(beacon(files.transcriptPath, at('0.zkey'), at('x.zkey'), 'ab'), /contribute first/)
  await assert.rejects(finalize(files, at('0.zkey'), phase1), /no beacon/)
  await contribute(files.transcriptPath, at('0.zkey'), at('1.zkey'), { name: 'one', entropy: 'a' })
  await contribute(files.transcriptPath, at('1.zkey'), at('2.zkey'), { name: 'two', entropy: 'b' })
  await beacon(files.transcriptPath, at('2.zkey'), at('final.zkey'), '0102030405060708090a0b0c0d0e0f10')
  await assert.rejects(
    contribute(files.transcriptPath, at('2.zkey'), at('x.zkey'), { name: 'late', entropy: 'c' }),
    /no more/,
  )
  const key = await finalize(files, at('final.zkey'), phase1)
  assert.deepEqual(await verifyCeremony(files, at('final.zkey'), phase1), key)

  const { witnessOf } = await bench('width-6', main)
  const proven = await prove(readFileSync(at('final.zkey')), witnessOf({ in: 63 }))
  assert.equal(await verify(key as VerifyingKey, proven), true)
  assert.equal(await verify(key as VerifyingKey, { ...proven, publicSignals: ['62'] }), false)
  const outside = await prove(readFileSync(at('final.zkey')), witnessOf({ in: 64 }))
  assert.equal(await verify(key as VerifyingKey, outside), false)
})

test('a finished ceremony is refused when a key, the circuit or the transcript is another', async () => {
  await assert.rejects(verifyCeremony(files, at('2.zkey'), phase1), /another proving key/)
  const { r1csPath } = await compile('width-5', mainOf('gadgets/bits.circom', 'Width(5)', ['in']))
  await assert.rejects(verifyCeremony({ ...files, r1csPath }, at('final.zkey'), phase1), /another circuit/)
  const transcript = JSON.parse(readFileSync(files.transcriptPath, 'utf8'))
  writeFileSync(at('other.json'), JSON.stringify({ ...transcript, verifyingKeySha256: '00' }))
  await assert.rejects(
    verifyCeremony({ ...files, transcriptPath: at('other.json') }, at('final.zkey'), phase1),
    /another verifying key/,
  )
})

test('the key before any contribution is refused: its delta is the generator', async () => {
  const transcript = JSON.parse(readFileSync(files.transcriptPath, 'utf8'))
  writeFileSync(at('early.json'), JSON.stringify({ ...transcript, beacon: { value: '00' } }))
  await assert.rejects(
    finalize({ ...files, transcriptPath: at('early.json') }, at('0.zkey'), phase1),
    /gamma equals delta.*delta is the generator/,
  )
})
