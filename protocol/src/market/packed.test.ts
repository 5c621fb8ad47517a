import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hex } from 'viem'
import vectors from '../../vectors/packed.json' with { type: 'json' }
import { jobIdOf, type Order } from '../typed-data/order.ts'
import { MAX_PACKED_ITEMS, type PackedItem, packBatch } from './packed.ts'

type Given = (typeof vectors)[number]['given'][number]

/** Amounts are decimal strings in the file. */
function itemOf({ order, signature, outputHash, amountWei }: Given): PackedItem {
  const numbers = {
    priceWei: BigInt(order.priceWei),
    bondWei: BigInt(order.bondWei),
    nonce: BigInt(order.nonce),
  }
  return {
    order: { ...order, ...numbers } as Order,
    signature: signature as Hex,
    outputHash: outputHash as Hex,
    amountWei: BigInt(amountWei),
  }
}

const full = vectors[0]!
const items = full.given.map(itemOf)
const [first] = items as [PackedItem, ...PackedItem[]]

for (const { name, providerId, given, header, items: packed, positions, jobIds, domain } of vectors) {
  test(`${name}: packs to the golden bytes`, () => {
    assert.deepEqual(packBatch(providerId, given.map(itemOf)), { header, items: packed, positions })
  })

  test(`${name}: has the golden job ids`, () => {
    const mesh = { ...domain, verifyingContract: domain.verifyingContract as Hex }
    assert.deepEqual(
      given.map((item) => jobIdOf(mesh, itemOf(item).order)),
      jobIds,
    )
  })
}

test('the order in which items are given changes positions alone', () => {
  const reversed = packBatch(7, items.toReversed())
  assert.equal(reversed.items, full.items)
  assert.deepEqual(
    reversed.positions,
    full.positions.map((position) => items.length - 1 - position),
  )
})

test('an item costs 166 bytes beside its template and its group', () => {
  const size = (count: number) =>
    packBatch(
      7,
      Array.from({ length: count }, () => first),
    ).items.length /
      2 -
    1
  assert.equal(size(1), 106 + 22 + 166)
  assert.equal(size(2) - size(1), 166)
})

const refused: [string, () => unknown, string][] = [
  ['more than 256 items', () => packBatch(7, Array(MAX_PACKED_ITEMS + 1).fill(first)), 'ORDER_OUT_OF_BOUNDS'],
  [
    'an order of another mode',
    () => packBatch(7, [{ ...first, order: { ...first.order, mode: 1 } }]),
    'ORDER_OUT_OF_BOUNDS',
  ],
  [
    'an order that names another provider',
    () => packBatch(7, [{ ...first, order: { ...first.order, providerId: 8 } }]),
    'ORDER_OUT_OF_BOUNDS',
  ],
  [
    'more than 128 templates',
    () =>
      packBatch(
        7,
        Array.from({ length: 129 }, (_, kind) => ({ ...first, order: { ...first.order, kind } })),
      ),
    'ORDER_OUT_OF_BOUNDS',
  ],
  ['a signature of another length', () => packBatch(7, [{ ...first, signature: '0x1234' }]), 'BAD_SIGNATURE'],
]
for (const [what, pack, code] of refused) {
  test(`refuses ${what}`, () => {
    assert.throws(pack, { code })
  })
}
