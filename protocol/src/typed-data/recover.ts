import { type Address, BaseError, bytesToHex, type Hex, hexToBytes } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'
import { loadCurve } from './curve.ts'
import { hashStatement, type Statement } from './hashStatement.ts'

const SIGNATURE = /^0x[0-9a-fA-F]{130}$/

/**
 * Address that signed some typed data; undefined for a signature that is not one of 65 bytes, and for values that do not fit
 * their types, which nobody can have signed.
 * Source: SEC 1 version 2.0, section 4.1.6, and the last byte as Ethereum has it (yellow paper, appendix F).
 * @param signed typed data plus signature
 * @example await recover({ ...receiptTypedData(domain, receipt), signature })
 */
export async function recover({
  signature,
  ...typedData
}: Statement & { signature: Hex }): Promise<Address | undefined> {
  if (!SIGNATURE.test(signature)) return undefined
  const hash = digestOf(typedData as Statement)
  const bytes = hexToBytes(signature)
  const parity = parityOf(bytes[64]!)
  if (hash === undefined || parity === undefined) return undefined
  const curve = await loadCurve()
  const publicKey = curve.recoverPublicKeyUncompressed(bytes.subarray(0, 64), parity, hexToBytes(hash))
  return typeof publicKey === 'string' ? undefined : publicKeyToAddress(bytesToHex(publicKey))
}

function digestOf(statement: Statement): Hex | undefined {
  try {
    return hashStatement(statement)
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}

/** The last byte of a signature, in both forms that are in use. */
function parityOf(byte: number): 0 | 1 | undefined {
  if (byte === 27 || byte === 0) return 0
  return byte === 28 || byte === 1 ? 1 : undefined
}
