import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FIELD, readManifest } from '@duckmesh/circuits'
import { DuckMeshError } from '@duckmesh/protocol'
import type { ProveRequest } from './prover.ts'
import { parseStatement } from './request.ts'

const circuit = readManifest()['record-range']!
const parse = (request: Omit<ProveRequest, 'circuit'>) =>
  parseStatement({ circuit: 'record-range', ...request }, circuit)

test('numbers, decimal text and nested lists become numbers of the field', () => {
  assert.deepEqual(parse({ inputs: { a: 1, b: '2', c: [3n, ['4', [5]]], d: FIELD - 1n } }), {
    inputs: { a: 1n, b: 2n, c: [3n, [4n, [5n]]], d: FIELD - 1n },
  })
})

const bad: Record<string, unknown> = {
  'a number of the group order': { a: FIELD },
  'its text': { a: String(FIELD) },
  'a number below zero': { a: -1n },
  'a fraction': { a: 1.5 },
  'a number that is not exact': { a: 2 ** 60 },
  'hexadecimal text': { a: '0x10' },
  'empty text': { a: '' },
  'text of a megabyte': { a: '9'.repeat(2 ** 20) },
  nothing: { a: null },
  'an object': { a: { b: 1 } },
  'a name that no signal can have': { 'a.b': 1 },
  'a list instead of names': [1, 2],
  text: 'a=1',
  null: null,
}
for (const [what, inputs] of Object.entries(bad)) {
  test(`inputs with ${what} are refused, and the error does not repeat them`, () => {
    assert.throws(
      () => parse({ inputs }),
      (error) => {
        assert.ok(error instanceof DuckMeshError)
        assert.equal(error.code, 'BAD_REQUEST')
        const text = JSON.stringify(error.toWire())
        assert.ok(text.length < 1_000)
        assert.ok(!text.includes(String(FIELD)))
        return true
      },
    )
  })
}

test('inputs that are too many, too deep or too wide are refused before they are read', () => {
  const list = Array.from({ length: 16_385 }, () => 0)
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = [deep]
  const names = Object.fromEntries(list.slice(0, 65).map((_, index) => [`a${index}`, 0]))
  for (const inputs of [{ a: list }, { a: list.slice(9_000), b: list.slice(7_000) }, { a: deep }, names])
    assert.throws(() => parse({ inputs }), { code: 'BAD_REQUEST' })
})

test('a witness must have the bytes of the circuit, and stands instead of inputs', () => {
  const witness = new Uint8Array(76 + 32 * circuit.wires)
  assert.deepEqual(parse({ witness }), { witness })
  for (const request of [
    { witness: witness.subarray(1) },
    { witness: new Uint8Array(witness.length + 32) },
    { witness: 'x'.repeat(witness.length) as never },
    { witness, inputs: {} },
    {},
  ])
    assert.throws(() => parse(request), { code: 'BAD_REQUEST' })
})
