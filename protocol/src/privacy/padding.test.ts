import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import { bucketBytes, pad, unpad } from './padding.ts'

test('what was padded comes back, at every edge of a bucket', () => {
  for (const length of [0, 1, 251, 252, 253, 508, 509, 65_532, 65_533, 200_000]) {
    const text = new Uint8Array(length).fill(7)
    const padded = pad(text, 256)
    assert.equal(padded.length, bucketBytes(length + 4, 256))
    assert.deepEqual(unpad(padded), text)
  }
})

test('buckets are powers of two, from 64 KiB on multiples of it, and never below the smallest', () => {
  const of = (length: number) => bucketBytes(length, 256)
  assert.deepEqual(
    [1, 256, 257, 513, 40_000, 65_536, 65_537, 131_073].map(of),
    [256, 256, 512, 1_024, 65_536, 65_536, 131_072, 196_608],
  )
  const sizes = new Set(Array.from({ length: 8_388_608 / 512 }, (_, index) => of(512 * (index + 1))))
  assert.equal(sizes.size, 8 + 127) // all that an observer can tell apart, up to 8 MiB
})

test('a length that does not fit is refused', () => {
  for (const padded of [new Uint8Array(), new Uint8Array(3), new Uint8Array([0, 0, 0, 9, 1, 2])]) {
    assert.throws(
      () => unpad(padded),
      (error) => error instanceof DuckMeshError && error.code === 'SEAL_BROKEN',
    )
  }
})
