import canonicalize from 'canonicalize'
import { type Hex, keccak256, stringToBytes } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'

/**
 * keccak256 of the canonical JSON form of a value. Source: RFC 8785 (JSON Canonicalization Scheme).
 * @param value JSON value; object key order does not matter
 * @throws DuckMeshError `BAD_REQUEST` when the value has no JSON form
 * @example hashCanonical({ b: 1, a: 2 }) === hashCanonical({ a: 2, b: 1 }) // true
 */
export function hashCanonical(value: unknown): Hex {
  const text = canonicalize(value)
  if (text === undefined) throw new DuckMeshError('BAD_REQUEST', 'The value has no JSON form.')
  return keccak256(stringToBytes(text))
}
