import { invert } from '@noble/curves/abstract/modular'
import { secp256k1 } from '@noble/curves/secp256k1'
import {
  type Address,
  type Hex,
  hashTypedData,
  hexToBigInt,
  hexToNumber,
  isAddressEqual,
  recoverPublicKey,
  size,
  slice,
} from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import type { recover } from './recover.ts'

const Point = secp256k1.ProjectivePoint
type CurvePoint = InstanceType<typeof Point>
const ORDER = secp256k1.CURVE.n

/** Signers whose points are kept; the ones not met for longest are forgotten first. */
const MOST_SIGNERS = 64
/** Width of the window of a signer's table: 200 KB and 3 ms once, for a product in a quarter of a millisecond. */
const WINDOW_BITS = 5

/** Points of signers met lately, by lower-case address; each with a table from its second statement on. */
const signers = new Map<string, { point: CurvePoint; hasTable: boolean }>()

/**
 * Whether an address signed some typed data: what `recover` says, at about a third of its price for a signer that is
 * met again, since its point needs no square root and its multiples are at hand. False for what is no signature.
 * Source: SEC 1 version 2.0, section 4.1.4, and the parity of the nonce's point as Ethereum has it (yellow paper,
 * appendix F).
 * @param signed typed data plus signature of 65 bytes
 * @example await isSignedBy({ ...receiptTypedData(domain, receipt), signature }, signingKey)
 */
export async function isSignedBy(signed: Parameters<typeof recover>[0], signer: Address): Promise<boolean> {
  const { signature, ...typedData } = signed
  if (typeof signature !== 'string' || size(signature) !== 65) return false
  const hash = hashTypedData(typedData as Parameters<typeof hashTypedData>[0])
  const key = signer.toLowerCase()
  const known = signers.get(key)
  if (known) {
    signers.delete(key) // to the end of the order
    signers.set(key, known)
    if (!known.hasTable) {
      secp256k1.utils.precompute(WINDOW_BITS, known.point)
      known.hasTable = true
    }
    return isOfPoint(hash, signature, known.point)
  }
  const publicKey = await recoverPublicKey({ hash, signature }).catch(() => undefined) // off-curve ones throw in viem
  if (!publicKey || !isAddressEqual(publicKeyToAddress(publicKey), signer)) return false
  signers.set(key, { point: Point.fromHex(publicKey.slice(2)), hasTable: false })
  const [oldest] = signers.keys()
  if (signers.size > MOST_SIGNERS && oldest !== undefined) signers.delete(oldest)
  return true
}

/** Whether the point of the nonce that a signature and a public key make is the one that the signature names. */
function isOfPoint(hash: Hex, signature: Hex, publicKey: CurvePoint): boolean {
  const r = hexToBigInt(slice(signature, 0, 32))
  const s = hexToBigInt(slice(signature, 32, 64))
  const parity = parityOf(hexToNumber(slice(signature, 64)))
  if (parity === undefined || r === 0n || s === 0n || r >= ORDER || s >= ORDER) return false
  const inverse = invert(s, ORDER)
  const ofHash = (hexToBigInt(hash) * inverse) % ORDER
  if (ofHash === 0n) return false // nobody finds such a message
  // `multiplyUnsafe` of noble-curves 1.9.1 is wrong for points that have a table on this curve
  const nonce = Point.BASE.multiply(ofHash).add(publicKey.multiply((r * inverse) % ORDER))
  if (nonce.equals(Point.ZERO)) return false
  const { x, y } = nonce.toAffine()
  return x === r && Number(y & 1n) === parity
}

/** The last byte of a signature, in both forms that are in use. */
function parityOf(byte: number): 0 | 1 | undefined {
  if (byte === 27 || byte === 0) return 0
  return byte === 28 || byte === 1 ? 1 : undefined
}
