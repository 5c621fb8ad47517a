import { concat, numberToBytes } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'

/** Smallest bucket of a request and of an event, bytes. */
export const smallestBucketBytes = { request: 1_024, event: 256 } as const

/** Above this, buckets are multiples of it instead of powers of two, bytes. */
const WIDEST_STEP_BYTES = 65_536

const LENGTH_BYTES = 4

/**
 * Size that a text of some length is padded to: the next power of two, from 64 KiB on the next multiple of 64 KiB. An
 * observer of the ciphertext learns the bucket and not the length.
 * @param bytes length with its prefix
 * @param smallest least size, bytes, a power of two
 * @example bucketBytes(300, 256) // 512
 */
export function bucketBytes(bytes: number, smallest: number): number {
  if (bytes > WIDEST_STEP_BYTES) return Math.ceil(bytes / WIDEST_STEP_BYTES) * WIDEST_STEP_BYTES
  return Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes)))
}

/**
 * Length as uint32, the bytes themselves, zeros up to the bucket.
 * @param smallest see `smallestBucketBytes`
 */
export function pad(bytes: Uint8Array, smallest: number): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(bucketBytes(LENGTH_BYTES + bytes.length, smallest))
  padded.set(concat([numberToBytes(bytes.length, { size: LENGTH_BYTES }), bytes]))
  return padded
}

/**
 * What `pad` was given.
 * @throws DuckMeshError `SEAL_BROKEN` when the length does not fit
 */
export function unpad(padded: Uint8Array): Uint8Array {
  const length =
    padded.length < LENGTH_BYTES ? undefined : new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (length === undefined || LENGTH_BYTES + length > padded.length) {
    throw new DuckMeshError('SEAL_BROKEN', 'The padding of what was sealed is malformed.')
  }
  return padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
}
