import { concat, type Hex, numberToHex } from 'viem'

/** What one account pays or earns in an epoch. */
export type Total = {
  /** Purse or provider. */
  id: number
  /** DUCK wei, gross, positive. */
  amountWei: bigint
}

/**
 * Packs totals as `postEpoch` takes them: id 4 bytes, amountWei 12 bytes, big-endian.
 * @param totals ids strictly ascending, as `buildEpoch` gives them
 * @example packTotals([{ id: 7, amountWei: 1n }]) // 0x00000007000000000000000000000001
 */
export const packTotals = (totals: readonly Total[]): Hex =>
  concat(
    totals.flatMap(({ id, amountWei }) => [
      numberToHex(id, { size: 4 }),
      numberToHex(amountWei, { size: 12 }),
    ]),
  )

/** Reads what `packTotals` wrote, for example from the event EpochPosted. */
export function unpackTotals(packed: Hex): Total[] {
  const items = packed.slice(2).match(/.{32}/g) ?? []
  return items.map((item) => ({
    id: Number.parseInt(item.slice(0, 8), 16),
    amountWei: BigInt(`0x${item.slice(8)}`),
  }))
}
