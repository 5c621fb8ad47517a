import type { Logger } from 'pino'
import { type Clock, nowSeconds } from '../ports/clock.ts'
import type { Ledger } from '../ports/ledger.ts'
import { type Stater, signReceipt } from './statements.ts'

/**
 * Ends what an earlier process left running: each such stream is cut at its last chunk on disk, with the one receipt
 * that it has not got yet. A client that comes back is given the rest of the chunks and that end.
 */
export async function endLeftStreams(
  ledger: Ledger,
  stater: Stater,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  for (const { stream, end: _end, ...left } of ledger.running()) {
    const finishReason = 'cut'
    const receipt = await signReceipt(stater, left, finishReason, nowSeconds(clock))
    const channel = ledger.channel(stream.channelId)
    const owedWei = (channel?.endedWei ?? 0n) + left.amountWei
    ledger.end(left.streamId, { finishReason, chunks: left.chunks, receipt, owedWei }, clock.nowMs())
    logger.warn({ streamId: left.streamId, chunks: left.chunks }, 'stream of an earlier process ended')
  }
  await ledger.flushed()
}
