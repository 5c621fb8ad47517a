import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { secp256k1 } from '@noble/curves/secp256k1'
import { bytesToHex, concat, type Hex, isAddressEqual, numberToHex, slice } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { isSignedBy } from './isSignedBy.ts'
import { recover } from './recover.ts'
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

test('says what recovering says, of a signer that is new, known, and met many times', async () => {
  for (let round = 0; round < 6; round++) {
    const [signer, other] = [newSigner(), newSigner()]
    for (let again = 0; again < 3; again++) {
      const typedData = voucherOf(BigInt(round * 10 + again))
      const signature = await signer.signTypedData(typedData)
      for (const variant of variants(signature)) {
        const recovered = await recover({ ...typedData, signature: variant })
        for (const { address } of [signer, other]) {
          const expected = recovered !== undefined && isAddressEqual(recovered, address)
          assert.equal(await isSignedBy({ ...typedData, signature: variant }, address), expected, variant)
        }
      }
      assert.equal(await isSignedBy({ ...voucherOf(99n), signature }, signer.address), false, 'other message')
    }
  }
})

test('an address is the same in any case, and forgotten signers are met anew', async () => {
  const first = newSigner()
  const typedData = voucherOf(7n)
  const signature = await first.signTypedData(typedData)
  const signed = { ...typedData, signature }
  for (let count = 0; count < 70; count++) {
    const signer = newSigner()
    assert.ok(
      await isSignedBy({ ...typedData, signature: await signer.signTypedData(typedData) }, signer.address),
    )
    if (count % 35 === 0) assert.ok(await isSignedBy(signed, first.address.toLowerCase() as Hex))
  }
  assert.ok(await isSignedBy(signed, first.address))
})
