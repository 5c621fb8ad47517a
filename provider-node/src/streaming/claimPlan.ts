import type { ChannelBook } from './book.ts'

/** When a claim is made. Amounts are DUCK wei. */
export type ClaimTerms = {
  /** Claimed as soon as a channel owes this much. */
  enoughWei: bigint
  /** Less than this is not worth its gas at any time. */
  leastWei: bigint
}

/** One channel and how far it is to be claimed. */
export type DueClaim = { book: ChannelBook; upToWei: bigint }

/**
 * Which channels are to be claimed now: those that owe enough or are being closed, or all of them. A claim is never more
 * than owed, promised and funded, and never for less than its gas.
 * @param owedWei what a channel owes since it was opened
 */
export function claimsOf(
  books: ChannelBook[],
  owedWei: (book: ChannelBook) => bigint,
  terms: ClaimTerms,
  isAll: boolean,
): DueClaim[] {
  return books.flatMap((book) => {
    const { claimedWei, closableAfter, fundedWei } = book.sight
    const upToWei = [owedWei(book), book.voucherWei, fundedWei].reduce((least, wei) =>
      wei < least ? wei : least,
    )
    const gainWei = upToWei - claimedWei
    if (gainWei <= 0n || gainWei < terms.leastWei) return []
    const isDue = isAll || closableAfter !== 0 || gainWei >= terms.enoughWei
    return isDue ? [{ book, upToWei }] : []
  })
}
