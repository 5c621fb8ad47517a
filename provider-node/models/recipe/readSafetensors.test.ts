import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSafetensors } from './readSafetensors.ts'

/** A file as the format's README draws it. */
function file(header: object, data: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}

test('reads float16 and float32 as float32, at any offset, and leaves integers out', () => {
  const data = Buffer.from([0x00, 0x3c, 0x00, 0xc1, 0x00, 0x00, 0x00, 0x00, 0x40, 0x3f, 7])
  const header = {
    __metadata__: { format: 'pt' },
    half: { dtype: 'F16', shape: [2], data_offsets: [0, 4] },
    single: { dtype: 'F32', shape: [1, 1], data_offsets: [6, 10] },
    whole: { dtype: 'I8', shape: [1], data_offsets: [10, 11] },
  }
  const tensors = readSafetensors(file(header, data))
  assert.deepEqual([...tensors.keys()], ['half', 'single'])
  assert.deepEqual([...tensors.get('half')!.values], [1, -2.5])
  assert.deepEqual([...tensors.get('single')!.values], [0.75])
})

test('refuses a tensor that does not fit its shape or its file', () => {
  const half = (shape: number[], to: number) => ({ half: { dtype: 'F16', shape, data_offsets: [0, to] } })
  assert.throws(() => readSafetensors(file(half([3], 4), Buffer.alloc(4))), RangeError)
  assert.throws(() => readSafetensors(file(half([4], 8), Buffer.alloc(4))), RangeError)
})
