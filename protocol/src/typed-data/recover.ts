import { type Address, bytesToHex, type Hex, hexToBytes, size } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import { loadCurve } from './curve.ts'
import { hashStatement, type Statement } from './hashStatement.ts'

/**
 * Address that signed some typed data, or undefined for a signature that is not one of 65 bytes.
 * Source: SEC 1 version 2.0, section 4.1.6, and the last byte as Ethereum has it (yellow paper, appendix F).
 * @param signed typed data plus signature
 * @example await recover({ ...receiptTypedData(domain, receipt), signature })
 */
export async function recover({
  signature,
  ...typedData
}: Statement & { signature: Hex }): Promise<Address | undefined> {
  if (size(signature) !== 65) return undefined
  const bytes = hexToBytes(signature)
  const parity = parityOf(bytes[64]!)
  if (parity === undefined) return undefined
  const hash = hexToBytes(hashStatement(typedData as Statement))
  const publicKey = (await loadCurve()).recoverPublicKeyUncompressed(bytes.subarray(0, 64), parity, hash)
  return typeof publicKey === 'string' ? undefined : publicKeyToAddress(bytesToHex(publicKey))
}

/** The last byte of a signature, in both forms that are in use. */
function parityOf(byte: number): 0 | 1 | undefined {
  if (byte === 27 || byte === 0) return 0
  return byte === 28 || byte === 1 ? 1 : undefined
}
