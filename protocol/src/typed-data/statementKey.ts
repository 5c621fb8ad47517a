import { bytesToHex, concat, type Hex, hexToBytes, type LocalAccount, numberToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { loadCurve } from './curve.ts'
import { hashStatement, type Statement } from './hashStatement.ts'

/** A key that signs statements of the mesh by the hundred: vouchers, checkpoints, receipts, assignments. */
export type StatementKey = ReturnType<typeof statementKey>

/**
 * The account of a private key, whose hashes and typed data are signed by libsecp256k1: the very signatures of viem's
 * account, several times as fast.
 * Source: RFC 6979 for the nonce, EIP-2 for the lower half of `s`.
 * @param privateKey 32 bytes
 * @throws viem `BaseError` for what is no private key
 */
export function statementKey(privateKey: Hex) {
  const account = privateKeyToAccount(privateKey)
  const secret = hexToBytes(privateKey)
  const sign = async ({ hash }: { hash: Hex }): Promise<Hex> => {
    const signed = (await loadCurve()).signMessageHashRecoverableCompact(secret, hexToBytes(hash))
    if (typeof signed === 'string') throw new Error(signed)
    return concat([bytesToHex(signed.signature), numberToHex(27 + signed.recoveryId, { size: 1 })])
  }
  const signTypedData: LocalAccount['signTypedData'] = (typedData) =>
    sign({ hash: hashStatement(typedData as Statement) })
  return { ...account, sign, signTypedData }
}
