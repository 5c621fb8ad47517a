import {
  channelIdOf,
  DuckMeshError,
  type MeshDomain,
  type ProviderId,
  type StreamBody,
  type StreamOffer,
  type StreamRequest,
  streamCeilingWei,
} from '@duckmesh/protocol'
import { type Address, isAddressEqual } from 'viem'
import type { ChannelBook } from './book.ts'

/** How far ahead a stream may expire, seconds: its nonce is remembered for longer. */
export const MOST_LIFE_SECONDS = 3_600

/**
 * Checks what needs no chain: that the caller pays for the channel, that the channel is the one of the stream and of
 * this provider, and that the stream may still begin.
 * @throws DuckMeshError `FORBIDDEN`, `BAD_REQUEST`, `CHANNEL_UNKNOWN`, `CHANNEL_CLOSING`, `STREAM_EXPIRED`
 */
export function checkTerms(
  { channel, stream }: StreamBody,
  account: Address,
  facts: { domain: MeshDomain; providerId: ProviderId; leastDelaySeconds: number; nowSeconds: number },
): void {
  const { domain, leastDelaySeconds, nowSeconds, providerId } = facts
  const { channelId, expiresAt } = stream
  if (channelIdOf(domain, channel) !== channelId) {
    throw new DuckMeshError('BAD_REQUEST', 'The channel is not the one of the stream.', { channelId })
  }
  checkParty(channel, account)
  if (channel.providerId !== providerId) {
    throw new DuckMeshError('CHANNEL_UNKNOWN', 'The channel pays another provider.', {
      channelId,
      providerId,
    })
  }
  if (channel.withdrawDelay < leastDelaySeconds) {
    const details = { channelId, withdrawDelay: channel.withdrawDelay, leastDelaySeconds }
    throw new DuckMeshError('CHANNEL_CLOSING', 'The delay of the channel is too short.', details)
  }
  if (expiresAt < nowSeconds || expiresAt > nowSeconds + MOST_LIFE_SECONDS) {
    const details = { expiresAt, nowSeconds, mostLifeSeconds: MOST_LIFE_SECONDS }
    throw new DuckMeshError('STREAM_EXPIRED', 'The stream cannot begin now.', details)
  }
}

/** @throws DuckMeshError `FORBIDDEN` for anybody but payer and payer key */
export function checkParty({ payer, payerKey }: StreamBody['channel'], account: Address): void {
  if (isAddressEqual(account, payer) || isAddressEqual(account, payerKey)) return
  throw new DuckMeshError('FORBIDDEN', 'Only the payer of the channel may do this.')
}

/**
 * Checks that the channel can pay for the beginning of a stream: its whole price, or what this node wants from
 * strangers if that is less, and never less than the request with one token.
 * @returns what is to be reserved for it at once, DUCK wei
 * @throws DuckMeshError `CHANNEL_CLOSING`, `CHANNEL_EXHAUSTED`, `VOUCHER_TOO_LOW`
 */
export function checkFunds(
  book: ChannelBook,
  { stream, voucher }: StreamBody,
  request: StreamRequest,
  { strangerCapWei }: StreamOffer,
  chainSeconds: number,
): bigint {
  const { channelId } = book
  const { closableAfter, fundedWei } = book.sight
  if (closableAfter !== 0 || chainSeconds > book.safeUntil) {
    throw new DuckMeshError('CHANNEL_CLOSING', 'The channel is being closed.', { channelId, closableAfter })
  }
  const ceilingWei = streamCeilingWei(stream, request)
  const leastWei = stream.requestWei + stream.tokenWei
  const beginWei = min(ceilingWei, max(strangerCapWei, leastWei))
  const neededWei = book.committedWei + book.wantedWei + beginWei
  const details = {
    channelId,
    neededWei: `${neededWei}`,
    owedWei: `${book.committedWei}`,
    fundedWei: `${fundedWei}`,
  }
  if (neededWei > fundedWei) {
    throw new DuckMeshError('CHANNEL_EXHAUSTED', 'The channel holds too little for this stream.', details)
  }
  if (neededWei > max(voucher.maxCumulativeWei, book.voucherWei)) {
    throw new DuckMeshError(
      'VOUCHER_TOO_LOW',
      'The voucher does not cover the beginning of this stream.',
      details,
    )
  }
  return beginWei
}

/** Whether `checkFunds` lets a stream pass as far as the chain is concerned, voucher aside. */
export function canFund(
  ...[book, body, request, offer, chainSeconds]: Parameters<typeof checkFunds>
): boolean {
  try {
    checkFunds(book, body, request, offer, chainSeconds)
    return true
  } catch (thrown) {
    return DuckMeshError.from(thrown).code === 'VOUCHER_TOO_LOW'
  }
}

const min = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const max = (one: bigint, other: bigint): bigint => (one > other ? one : other)
