import { type ChannelBooks, channelBooksSchema, DuckMeshError, nodeRoutes } from '@duckmesh/protocol'
import type { Address, Hex } from 'viem'
import type { PurseBook } from '../channels/book.ts'
import { concedeLost, takeBooks } from '../channels/reconcile.ts'
import { type AttemptParts, type AttemptTarget, attempt } from './attempt.ts'
import { callJson } from './http.ts'

/** Longest time for fetching one receipt, milliseconds. */
const COLLECT_MS = 30_000

/** Where a provider is and who it is. */
export type Whereabouts = { endpoint: string; signingKey: Address }

/**
 * The provider's books of a channel; all zero when it does not know the channel, since then it can claim nothing.
 * @throws DuckMeshError `SERVICE_UNAVAILABLE`, `UPSTREAM_ERROR`, or what the provider answered
 */
export async function fetchBooks(
  { sessions, fetch, settings }: AttemptParts,
  channelId: Hex,
  { endpoint, signingKey }: Whereabouts,
  signal: AbortSignal,
): Promise<ChannelBooks | undefined> {
  const call = {
    baseUrl: endpoint,
    route: nodeRoutes.channel,
    parameters: { channelId },
    authorization: await sessions.header(signingKey),
    timeoutMs: settings.openWithinMs,
    signal,
    fetch,
  }
  try {
    return await callJson(call, channelBooksSchema)
  } catch (thrown) {
    const { code } = DuckMeshError.from(thrown)
    if (code === 'CHANNEL_UNKNOWN' || code === 'NOT_FOUND') return undefined
    throw thrown
  }
}

/**
 * Finds out how the lost streams of a channel ended: by their receipts where this process still knows what was asked, by
 * the provider's books otherwise. A stream that the provider still holds for its client is left for later. Books are read
 * straight from the provider: one that is only talked to by the relay is conceded what it was promised.
 * @param targets streams that this process has sent, by id
 */
export async function collect(
  parts: AttemptParts,
  book: PurseBook,
  channelId: Hex,
  whereabouts: Whereabouts,
  targets: ReadonlyMap<Hex, AttemptTarget>,
  signal: AbortSignal,
): Promise<void> {
  const { providerId } = book.channel(channelId).config
  const isHidden = parts.ways.isHidden(providerId)
  const books = isHidden ? undefined : await fetchBooks(parts, channelId, whereabouts, signal)
  for (const { streamId, state, stream, checkpoint } of book.running(channelId)) {
    const target = targets.get(streamId)
    if (state !== 'lost' || !target) continue
    if (!isHidden && (!books || books.openStreams.includes(streamId))) continue
    // one that perhaps never began must not begin now
    const isBegun = checkpoint !== null || target.verifier.chunks > 0
    if (!isBegun && stream.expiresAt * 1_000 > parts.clock.nowMs()) continue
    // nothing more is promised for it
    const hold = { ...target.hold, limitWei: 0n }
    const steps = attempt(parts, {
      ...target,
      ...whereabouts,
      hold,
      signal: AbortSignal.any([signal, AbortSignal.timeout(COLLECT_MS)]),
    })
    // its chunks are not wanted any more; its receipt is
    for (let step = await steps.next(); !step.done; ) step = await steps.next()
  }
  const isOwnLoss = (streamId: Hex) => !targets.has(streamId)
  if (isHidden) return concedeLost(book, channelId, isOwnLoss)
  const none = {
    fundedWei: 0n,
    claimedWei: 0n,
    closableAfter: 0,
    owedWei: 0n,
    voucherWei: 0n,
    openStreams: [],
  }
  await takeBooks(book, channelId, books ?? { channelId, providerId, ...none }, isOwnLoss)
}
