// The native program by itself: its two modes, what it refuses, how it is found.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { circuitNamed, readManifest } from '@duckmesh/circuits'
import { DuckMeshError, snarkjsKeySchema } from '@duckmesh/protocol'
import { verifyProof } from '@duckmesh/protocol/groth16'
import { buildNative } from './buildNative.ts'
import { createProver } from './createProver.ts'
import { nativePath, noNative } from './native.fixture.ts'
import { NativeProcess } from './nativeProcess.ts'
import { ProcessEnded } from './processEnded.ts'
import { circuit, inputs, signals, witness } from './recordRange.fixture.ts'
import { proverSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'duckmesh-native-'))
after(() => rmSync(folder, { recursive: true }))
const key = snarkjsKeySchema.parse(circuit.verifyingKey)
const zkey = readFileSync(circuit.zkeyPath)

/** Exit codes, see native/prover/fault.hpp. */
const [OK, USAGE, BAD_KEY, BAD_WITNESS, NO_FILE] = [0, 2, 3, 4, 7]

function proveFiles(zkeyBytes: Uint8Array, wtnsBytes: Uint8Array, env = process.env) {
  const [zkeyPath, wtnsPath] = [join(folder, 'a.zkey'), join(folder, 'a.wtns')]
  writeFileSync(zkeyPath, zkeyBytes)
  writeFileSync(wtnsPath, wtnsBytes)
  return spawnSync(nativePath, ['prove', zkeyPath, wtnsPath], { encoding: 'utf8', env })
}

/** A copy with one bit changed. */
const flipped = (bytes: Uint8Array, at: number, bit = 1) => {
  const copy = Uint8Array.from(bytes)
  copy[at]! ^= bit
  return copy
}

/** Where the content of each section of a file begins and ends. */
function sectionsOf(file: Uint8Array): Map<number, { start: number; end: number }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const sections = new Map<number, { start: number; end: number }>()
  for (let at = 12; at < file.length; ) {
    const start = at + 12
    const end = start + Number(view.getBigUint64(at + 4, true))
    sections.set(view.getUint32(at, true), { start, end })
    at = end
  }
  return sections
}

describe('the native program', { skip: noNative }, () => {
  test('`prove` writes a proof that holds, in the form of snarkjs', async () => {
    for (const PROVER_IFMA of ['on', 'off']) {
      const { status, stdout } = proveFiles(zkey, witness, { ...process.env, PROVER_IFMA })
      assert.equal(status, OK)
      const { proof, publicSignals } = JSON.parse(stdout)
      assert.deepEqual(publicSignals, signals)
      assert.equal(await verifyProof(key, publicSignals, proof), true)
    }
  })

  test('says how it is called, and which file is not there', () => {
    const run = (...args: string[]) => spawnSync(nativePath, args).status
    for (const args of [[], ['prove'], ['prove', 'a'], ['serve', 'much'], ['serve', '0'], ['sing']])
      assert.equal(run(...args), USAGE, args.join(' '))
    assert.equal(run('prove', join(folder, 'none.zkey'), join(folder, 'none.wtns')), NO_FILE)
    assert.equal(run('prove', folder, folder), NO_FILE)
  })

  test('refuses a key that is cut off anywhere, or followed by anything', () => {
    const cuts = [
      1,
      4,
      11,
      12,
      23,
      24,
      200,
      ...Array.from({ length: 24 }, (_, step) => Math.floor((zkey.length * step) / 24) + 25),
    ]
    for (const length of [...cuts, zkey.length - 1])
      assert.equal(proveFiles(zkey.subarray(0, length), witness).status, BAD_KEY, `${length} bytes`)
    assert.equal(proveFiles(Buffer.concat([zkey, Buffer.alloc(1)]), witness).status, BAD_KEY)
  })

  test('refuses a witness that is cut off anywhere, of another circuit, or not of the field', () => {
    for (const length of [1, 4, 12, 23, 40, 64, 75, 76, 77, witness.length - 32, witness.length - 1])
      assert.equal(proveFiles(zkey, witness.subarray(0, length)).status, BAD_WITNESS, `${length} bytes`)
    const { wires } = readManifest().membership!
    const other = new Uint8Array(76 + 32 * wires)
    other.set(witness.subarray(0, 76))
    assert.equal(proveFiles(zkey, other).status, BAD_WITNESS)
    for (const at of [0, 4, 8, 12, 16, 24, 28, 60, 64, 68, 76, 76 + 63])
      assert.equal(proveFiles(zkey, flipped(witness, at, 0x80)).status, BAD_WITNESS, `byte ${at}`)
  })

  test('refuses a key with a flipped bit in its frame, its header or any point', () => {
    const sections = sectionsOf(zkey)
    const header = sections.get(2)!
    const places = [0, 4, 8, 12, 16, 24]
    for (let at = header.start; at < header.end; at += 31) places.push(at)
    for (const number of [3, 5, 6, 7, 8, 9]) {
      const { start, end } = sections.get(number)!
      places.push(start - 12, start - 8, start, end - 1)
      for (let step = 1; step < 12; step++) places.push(start + Math.floor(((end - start) * step) / 12))
    }
    for (const at of places)
      assert.equal(proveFiles(flipped(zkey, at), witness).status, BAD_KEY, `byte ${at}`)
  })

  test('a flipped bit in a coefficient is refused or gives a proof that does not hold', async () => {
    const { start, end } = sectionsOf(zkey).get(4)!
    let made = 0
    for (let at = start + 4; at < end; at += Math.ceil((end - start) / 60)) {
      const { status, stdout } = proveFiles(flipped(zkey, at), witness)
      if (status !== OK) {
        assert.equal(status, BAD_KEY)
        continue
      }
      made++
      const { proof, publicSignals } = JSON.parse(stdout)
      const isZeroWire = new DataView(witness.buffer).getBigUint64(76 + 32 * wireAt(start, at), true) === 0n
      assert.equal(await verifyProof(key, publicSignals, proof), isZeroWire, `byte ${at}`)
    }
    assert.ok(made > 20)
  })

  /** Wire of the coefficient that a byte belongs to. */
  const wireAt = (start: number, at: number) => {
    const factor = start + 4 + 44 * Math.floor((at - start - 4) / 44)
    return zkey.readUInt32LE(factor + 8)
  }

  test('`serve` answers one request after another, and goes on after a bad one', async (t) => {
    const server = new NativeProcess(nativePath, 1_024)
    t.after(() => server.kill())
    const failsWith = (fault: string) => (error: unknown) =>
      error instanceof DuckMeshError && error.code === 'PROVER_FAILED' && error.details.fault === fault
    writeFileSync(join(folder, 'bad.zkey'), flipped(zkey, 40))
    for (let round = 0; round < 3; round++) {
      const { proof, publicSignals } = await server.prove(circuit.zkeyPath, witness)
      assert.equal(await verifyProof(key, publicSignals, proof), true)
      await assert.rejects(server.prove(circuit.zkeyPath, witness.subarray(1)), failsWith('BAD_WITNESS'))
      await assert.rejects(server.prove(join(folder, 'none.zkey'), witness), failsWith('NO_FILE'))
      await assert.rejects(server.prove(join(folder, 'bad.zkey'), witness), failsWith('BAD_KEY'))
      await assert.rejects(server.prove(circuit.zkeyPath, new Uint8Array()), failsWith('BAD_WITNESS'))
    }
    assert.ok(server.isAlive)
  })

  test('`serve` keeps to its memory, and fails typed beyond it', async (t) => {
    const server = new NativeProcess(nativePath, 16)
    t.after(() => server.kill())
    await assert.rejects(server.prove(circuit.zkeyPath, new Uint8Array(64 * 2 ** 20)), (error) => {
      assert.ok(error instanceof ProcessEnded || error instanceof DuckMeshError)
      return true
    })
  })

  test('`serve` ends with its input, and over a frame that is none', async () => {
    for (const [input, code] of [
      [Buffer.alloc(0), OK],
      [Buffer.from([1, 0]), NO_FILE],
      [Buffer.from([8, 0, 0, 0, 1]), NO_FILE],
      [Buffer.alloc(64, 0xff), USAGE],
    ] as const) {
      const child = spawn(nativePath, ['serve'], { stdio: ['pipe', 'ignore', 'ignore'] })
      child.stdin.end(input)
      const status = await new Promise((resolve) => child.on('exit', resolve))
      assert.equal(status, code)
    }
  })

  test('killed within a request, the call fails and says so', async () => {
    const server = new NativeProcess(nativePath, 1_024)
    const call = server.prove(circuit.zkeyPath, witness)
    server.kill()
    await assert.rejects(call, ProcessEnded)
    await assert.rejects(server.prove(circuit.zkeyPath, witness), ProcessEnded)
    assert.equal(server.isAlive, false)
  })

  test('is built once, and not again from the same sources', async () => {
    assert.deepEqual(await buildNative(), await buildNative())
  })
})

describe('finding the native program', () => {
  test('without a compiler there is none, and `auto` is snarkjs and says why', async (t) => {
    const build = () => buildNative({ compiler: 'no-such-compiler' })
    assert.match(JSON.stringify(await build()), /there is no no-such-compiler|runs on Linux alone/)
    const prover = await createProver(proverSettings.parse({ PROVER: 'auto' }), build)
    t.after(() => prover.close())
    assert.equal(prover.engine, 'snarkjs')
    assert.match(prover.reason, /no-such-compiler|Linux/)
    assert.deepEqual(
      prover.circuits().map(({ name, proves }) => [name, proves]),
      Object.keys(readManifest()).map((name) => [name, circuitNamed(name).proves]),
    )
    await assert.rejects(createProver(proverSettings.parse({ PROVER: 'native' }), build), {
      code: 'BAD_CONFIG',
      details: { setting: 'PROVER' },
    })
  })

  test('sources that do not compile are told, not run', { skip: noNative }, async () => {
    mkdirSync(join(folder, 'broken'))
    writeFileSync(join(folder, 'broken/main.cpp'), 'int main() { return nothing; }\n')
    const build = await buildNative({ sources: join(folder, 'broken') })
    assert.ok('missing' in build)
    assert.match(build.missing, /does not build it:[\s\S]*nothing/)
  })

  test('a program that crashes over a proof is replaced by snarkjs with `auto`, and fails with `native`', async (t) => {
    const crashing = async () => ({ path: '/bin/false', fast: false })
    const spare = await createProver(proverSettings.parse({ PROVER: 'auto' }), crashing)
    const strict = await createProver(proverSettings.parse({ PROVER: 'native' }), crashing)
    t.after(() => Promise.all([spare.close(), strict.close()]))
    const run = await spare.prove({ circuit: 'record-range', inputs })
    assert.equal(run.provedBy, 'snarkjs')
    assert.deepEqual(run.publicSignals, signals)
    await assert.rejects(strict.prove({ circuit: 'record-range', inputs }), { code: 'PROVER_FAILED' })
  })
})
