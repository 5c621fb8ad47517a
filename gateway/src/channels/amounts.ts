import type { ChannelRecord, StreamRecord } from '../ports/purseStore.ts'

/** Streams of one channel that have not ended. */
type Running = readonly Pick<StreamRecord, 'promisedWei' | 'amountWei'>[]
type Books = Pick<ChannelRecord, 'settledWei' | 'concededWei'>

const sum = (values: bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** What the buyer owes by statements that it verified, DUCK wei since the channel was opened. */
export const owedWei = (channel: Books, running: Running): bigint =>
  channel.settledWei + sum(running.map(({ amountWei }) => amountWei))

/**
 * Most that the provider may rightly say it is owed, which is what the voucher must reach: ended streams by what they
 * cost, the others by what they were promised. So the ceilings of streams that run side by side add up.
 */
export const promisedTotalWei = (channel: Books, running: Running): bigint =>
  channel.settledWei +
  channel.concededWei +
  sum(running.map(({ promisedWei, amountWei }) => greater(promisedWei, amountWei)))

/** What the provider may have without having proved it: promises that run, and what its books say for lost streams. */
export const exposureWei = (channel: Pick<Books, 'concededWei'>, running: Running): bigint =>
  channel.concededWei + sum(running.map(({ promisedWei, amountWei }) => greater(0n, promisedWei - amountWei)))

/** The lesser of two amounts. */
export const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b)
/** The greater of two amounts. */
export const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b)
