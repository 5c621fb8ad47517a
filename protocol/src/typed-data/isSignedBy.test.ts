import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { secp256k1 } from '@noble/curves/secp256k1'
import {
  bytesToHex,
  concat,
  type Hex,
  isAddressEqual,
  numberToHex,
  recoverTypedDataAddress,
  slice,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { isSignedBy } from './isSignedBy.ts'
import { recover } from './recover.ts'
import { statementKey } from './statementKey.ts'
import { voucherTypedData } from './voucher.ts'

const domain = { chainId: 31_337, verifyingContract: `0x${'22'.repeat(20)}` as Hex }
const voucherOf = (maxCumulativeWei: bigint) =>
  voucherTypedData(domain, { channelId: `0x${'ab'.repeat(32)}`, maxCumulativeWei })
const newSigner = () => privateKeyToAccount(bytesToHex(randomBytes(32)))
const ORDER = secp256k1.CURVE.n
const word = (value: bigint): Hex => numberToHex(value, { size: 32 })

/** Every way in which a signature can be a little different. */
function variants(signature: Hex): Hex[] {
  const [r, s, v] = [slice(signature, 0, 32), slice(signature, 32, 64), Number(slice(signature, 64))]
  const last = (byte: number) => numberToHex(byte, { size: 1 })
  const flipped = word(ORDER - BigInt(s))
  return [
    signature,
    ...[0, 1, 2, 3, 26, 27, 28, 29, 255].map((byte) => concat([r, s, last(byte)])),
    concat([r, flipped, last(v)]), // s that is high: the other half of a malleable pair
    concat([r, flipped, last(55 - v)]),
    concat([word(0n), s, last(v)]),
    concat([r, word(0n), last(v)]),
    concat([word(ORDER), s, last(v)]),
    concat([r, word(ORDER), last(v)]),
    concat([word((BigInt(r) + 1n) % ORDER), s, last(v)]),
    concat([r, word((BigInt(s) + 1n) % ORDER), last(v)]),
    concat([s, r, last(v)]),
    slice(signature, 0, 64),
    concat([signature, '0x00']),
    '0x',
  ]
}

test('recovers what viem recovers, from every variant of a signature', async () => {
  for (let round = 0; round < 12; round++) {
    const [signer, other] = [newSigner(), newSigner()]
    const typedData = voucherOf(BigInt(round))
    const signature = await signer.signTypedData(typedData)
    for (const variant of variants(signature)) {
      const signed = { ...typedData, signature: variant }
      const expected = await recoverTypedDataAddress(signed).catch(() => undefined) // viem throws for what is none
      assert.equal(await recover(signed), expected, variant)
      for (const { address } of [signer, other]) {
        const isSigner = expected !== undefined && isAddressEqual(expected, address)
        assert.equal(await isSignedBy(signed, address), isSigner, variant)
        assert.equal(await isSignedBy(signed, address.toLowerCase() as Hex), isSigner, variant)
      }
    }
    assert.equal(await isSignedBy({ ...voucherOf(99n), signature }, signer.address), false, 'other message')
  }
})

test('what is no hex, and values that do not fit their types, are signed by nobody', async () => {
  const signer = newSigner()
  const signature = await signer.signTypedData(voucherOf(5n))
  for (const strange of [`0xzz${signature.slice(4)}`, signature.slice(2), ` ${signature}`, 5, null]) {
    assert.equal(await recover({ ...voucherOf(5n), signature: strange as Hex }), undefined)
  }
  for (const wei of [-1n, 1n << 96n]) {
    assert.equal(await isSignedBy({ ...voucherOf(wei), signature }, signer.address), false)
  }
})

test('a statement key signs what the account of viem signs, to the byte', async () => {
  for (let round = 0; round < 64; round++) {
    const privateKey = bytesToHex(randomBytes(32))
    const [account, key] = [privateKeyToAccount(privateKey), statementKey(privateKey)]
    assert.equal(key.address, account.address)
    const typedData = voucherOf(BigInt(round))
    assert.equal(await key.signTypedData(typedData), await account.signTypedData(typedData))
    const hash = bytesToHex(randomBytes(32))
    assert.equal(await key.sign({ hash }), await account.sign({ hash }))
    assert.equal(await key.signMessage({ message: 'quack' }), await account.signMessage({ message: 'quack' }))
  }
})

test('what is no private key makes no statement key', () => {
  for (const privateKey of [word(0n), word(ORDER), '0x', '0x1234'] as const) {
    assert.throws(() => statementKey(privateKey))
  }
})
