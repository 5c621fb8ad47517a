import { createHmacDrbg } from '@noble/curves/abstract/utils'
import { secp256k1 } from '@noble/curves/secp256k1'
import { hmac } from '@noble/hashes/hmac'
import { sha256 } from '@noble/hashes/sha2'
import { bytesToBigInt, bytesToHex, concatBytes, type Hex, hexToBytes, numberToBytes } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'

/**
 * Verifiable random function on secp256k1 with SHA-256 and try-and-increment: the construction of RFC 9381 in
 * the form of suite 0xFE (vrf-rs, vrf-solidity), whose vectors are in `vectors/vrf-secp256k1.json`. The key is an
 * ordinary Ethereum key, so the address in an order pins it and nobody, the coordinator included, can choose
 * among several outputs for one job.
 */
const SUITE = Uint8Array.of(0xfe)
const Point = secp256k1.ProjectivePoint
type CurvePoint = InstanceType<typeof Point>
const ORDER = secp256k1.CURVE.n
/** gamma (33 bytes), c (16 bytes), s (32 bytes). */
const PROOF_BYTES = 81

const mod = (value: bigint): bigint => ((value % ORDER) + ORDER) % ORDER
const encode = (point: CurvePoint): Uint8Array => point.toRawBytes(true)

function hashToCurve(publicKey: CurvePoint, alpha: Uint8Array): CurvePoint {
  for (let counter = 0; counter < 256; counter++) {
    const prefix = concatBytes([SUITE, Uint8Array.of(1), encode(publicKey), alpha])
    const x = sha256(concatBytes([prefix, Uint8Array.of(counter)]))
    // about half of all x are not on the curve: then the next counter is tried
    const point = parsePoint(concatBytes([Uint8Array.of(2), x]))
    if (point) return point
  }
  throw new DuckMeshError('INTERNAL', 'No curve point was found in 256 tries.')
}

const hashPoints = (...points: CurvePoint[]): bigint =>
  bytesToBigInt(sha256(concatBytes([SUITE, Uint8Array.of(2), ...points.map(encode)])).slice(0, 16))

// RFC 6979 section 3.2; like vrf-rs the encoded point H stands where the message hash would, cut to 256 bits
function nonceFor(secretKey: bigint, point: CurvePoint): bigint {
  const reduced = mod(bytesToBigInt(encode(point)) >> 8n)
  const seed = concatBytes([numberToBytes(secretKey, { size: 32 }), numberToBytes(reduced, { size: 32 })])
  const drbg = createHmacDrbg<bigint>(32, 32, (key, ...parts) => hmac(sha256, key, concatBytes(parts)))
  return drbg(seed, (bytes) => {
    const k = bytesToBigInt(bytes)
    return k > 0n && k < ORDER ? k : undefined
  })
}

const outputOf = (gamma: CurvePoint): Hex =>
  bytesToHex(sha256(concatBytes([SUITE, Uint8Array.of(3), encode(gamma)])))

/**
 * Proves the VRF output of a message.
 * @param secretKey 32 bytes, an Ethereum private key
 * @param alpha message
 * @returns `proof` (81 bytes) and `output` (32 bytes, the same for every proof of this key and message)
 */
export function vrfProve(secretKey: Hex, alpha: Hex): { proof: Hex; output: Hex } {
  const x = bytesToBigInt(hexToBytes(secretKey))
  const publicKey = Point.BASE.multiply(x)
  const h = hashToCurve(publicKey, hexToBytes(alpha))
  const gamma = h.multiply(x)
  const k = nonceFor(x, h)
  const c = hashPoints(h, gamma, Point.BASE.multiply(k), h.multiply(k))
  const s = mod(k + c * x)
  const proof = concatBytes([encode(gamma), numberToBytes(c, { size: 16 }), numberToBytes(s, { size: 32 })])
  return { proof: bytesToHex(proof), output: outputOf(gamma) }
}

/**
 * Checks a VRF proof.
 * @param publicKey compressed or uncompressed secp256k1 key
 * @param alpha message
 * @param proof 81 bytes of `vrfProve`
 * @returns the 32-byte output, or undefined when the proof is false or malformed
 */
export function vrfVerify(publicKey: Hex, alpha: Hex, proof: Hex): Hex | undefined {
  const bytes = hexToBytes(proof)
  if (bytes.length !== PROOF_BYTES) return undefined
  const y = parsePoint(hexToBytes(publicKey))
  const gamma = parsePoint(bytes.slice(0, 33))
  const c = bytesToBigInt(bytes.slice(33, 49))
  const s = bytesToBigInt(bytes.slice(49))
  if (!y || !gamma || s >= ORDER || s === 0n || c === 0n) return undefined
  const h = hashToCurve(y, hexToBytes(alpha))
  const u = Point.BASE.multiply(s).subtract(y.multiply(c))
  const v = h.multiply(s).subtract(gamma.multiply(c))
  return hashPoints(h, gamma, u, v) === c ? outputOf(gamma) : undefined
}

function parsePoint(bytes: Uint8Array): CurvePoint | undefined {
  try {
    return Point.fromHex(bytes)
  } catch {
    return undefined // noble throws for anything that is not a point of the curve
  }
}
