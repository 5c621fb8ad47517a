import { concat, type Hex, numberToHex, parseSignature, serializeCompactSignature } from 'viem'
import { DuckMeshError } from '../errors/duckMeshError.ts'
import type { ProviderId } from '../ids.ts'
import type { Order } from '../typed-data/order.ts'

/** Most items of one batch: one bit of the mask for each. */
export const MAX_PACKED_ITEMS = 256

/** What became of an item, by the number that `previewPacked` gives. Source: `ItemStatus.sol`. */
export const packedStatuses = [
  'settled',
  'no-template',
  'nonce-not-ascending',
  'nonce-used',
  'expired',
  'amount-too-high',
  'no-money',
  'bad-signature',
] as const

/** One order of the signed lane with what its provider asks for it. */
export type PackedItem = {
  order: Order
  /** The requester's ECDSA signature, 65 bytes; a contract wallet's order goes through `settle`. */
  signature: Hex
  /** What the provider delivered: canonical hash of the result. */
  outputHash: Hex
  /** Gross amount in DUCK wei, at most the price. */
  amountWei: bigint
}

/** Arguments of `settlePacked` and `previewPacked`. */
export type PackedBatch = {
  header: Hex
  items: Hex
  /** Bit and status i on chain are those of the given item `positions[i]`. */
  positions: number[]
}

/** Templates are numbered with seven bits. */
const MAX_TEMPLATES = 128
/** Bit of the template byte that says that the order names the provider. */
const DIRECTED_BIT = 0x80

/**
 * Packs orders of one provider for `settlePacked`: sorted by payer and nonce, shared fields once.
 * Layout: `contracts/src/market/PackedBatch.sol`; vectors in `vectors/packed.json`.
 * @param providerId whose receipts these are; its owner or signing key sends the transaction
 * @param given at most 256 items, all of mode signed
 * @throws DuckMeshError ORDER_OUT_OF_BOUNDS when an item cannot be in such a batch; BAD_SIGNATURE when a signature
 * has no compact form
 */
export function packBatch(providerId: ProviderId, given: readonly PackedItem[]): PackedBatch {
  if (given.length > MAX_PACKED_ITEMS) {
    throw outOfBounds(`A batch holds at most ${MAX_PACKED_ITEMS} orders.`, { count: given.length })
  }
  const positions = [...given.keys()].sort((a, b) => compare(given[a]!.order, given[b]!.order))
  const templates = new Map<Hex, number>()
  const groups: { payer: Hex; items: Hex[] }[] = []
  for (const position of positions) {
    const item = given[position]!
    requirePackable(providerId, item.order, position)
    const template = templateOf(item.order)
    if (!templates.has(template)) templates.set(template, templates.size)
    const payer = item.order.requester.toLowerCase() as Hex
    if (groups.at(-1)?.payer !== payer) groups.push({ payer, items: [] })
    groups.at(-1)!.items.push(itemOf(item, templates.get(template)!))
  }
  if (templates.size > MAX_TEMPLATES) {
    throw outOfBounds(`A batch holds at most ${MAX_TEMPLATES} templates.`, { count: templates.size })
  }
  const header = BigInt(providerId) | (BigInt(templates.size) << 32n) | (BigInt(groups.length) << 40n)
  const body = groups.flatMap(({ payer, items }) => [payer, numberToHex(items.length, { size: 2 }), ...items])
  const parts = [...templates.keys(), ...body]
  return {
    header: numberToHex(header, { size: 32 }),
    items: parts.length > 0 ? concat(parts) : '0x',
    positions,
  }
}

/** Fields that many orders share. */
function templateOf(order: Order): Hex {
  return concat([
    order.coordinator,
    order.modelId,
    order.policy,
    numberToHex(order.bondWei, { size: 12 }),
    numberToHex(order.kind, { size: 1 }),
    numberToHex(order.seats, { size: 1 }),
    numberToHex(order.execWindow, { size: 4 }),
    numberToHex(order.disputeWindow, { size: 4 }),
  ]).toLowerCase() as Hex
}

function itemOf({ order, signature, outputHash, amountWei }: PackedItem, template: number): Hex {
  const directed = order.providerId === 0 ? 0 : DIRECTED_BIT
  return concat([
    order.inputHash,
    outputHash,
    compactOf(signature),
    numberToHex(order.priceWei, { size: 12 }),
    numberToHex(amountWei, { size: 12 }),
    numberToHex(order.nonce, { size: 8 }),
    numberToHex(order.acceptBy, { size: 5 }),
    numberToHex(template | directed, { size: 1 }),
  ])
}

/** EIP-2098: 64 bytes, the parity of y in the high bit of s. */
function compactOf(signature: Hex): Hex {
  try {
    const { r, s, yParity } = parseSignature(signature)
    const yParityAndS = numberToHex(BigInt(s) | (BigInt(yParity) << 255n), { size: 32 })
    return serializeCompactSignature({ r, yParityAndS })
  } catch (cause) {
    throw new DuckMeshError('BAD_SIGNATURE', 'A packed order needs a 65-byte ECDSA signature.', {}, { cause })
  }
}

function requirePackable(providerId: ProviderId, order: Order, position: number): void {
  if (order.mode !== 0) throw outOfBounds('Only orders of mode signed can be packed.', { position })
  if (order.providerId !== 0 && order.providerId !== providerId) {
    throw outOfBounds('The order names another provider.', { position, providerId: order.providerId })
  }
}

/** By payer as a number, then by nonce. */
function compare(a: Order, b: Order): number {
  const payers = BigInt(a.requester) - BigInt(b.requester)
  const difference = payers === 0n ? a.nonce - b.nonce : payers
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

const outOfBounds = (message: string, details: Record<string, unknown>) =>
  new DuckMeshError('ORDER_OUT_OF_BOUNDS', message, details)
