import { limits, type StreamRequest } from '@duckmesh/protocol'
import type { BuyerModel } from '../buyer.ts'
import type { Gateway, RedundantRunner } from '../gateway.ts'
import type { Reason } from './unavailable.ts'

type Completion = Extract<StreamRequest, { api: 'completion' }>

/** What a redundant job costs, or why there can be none. */
export type RedundantQuote =
  | { isAvailable: true; ceilingWei: bigint; seats: number; runner: RedundantRunner; completion: Completion }
  | ({ isAvailable: false } & Reason)

/**
 * Prices a request as a redundant job. Seats have one price whatever the answer is: the ceiling is the price.
 */
export async function redundantQuote(
  { redundant: runner }: Gateway,
  request: StreamRequest,
  model: BuyerModel,
  privacy: 'open' | 'sealed',
): Promise<RedundantQuote> {
  if (!runner) {
    return refuse(
      'NOT_HERE',
      'Redundant jobs are ordered with the key of the buyer, which this gateway does not have.',
      'Use the local gateway: duckmesh gateway.',
    )
  }
  const misfit = misfitOf(request, privacy)
  if (misfit || request.api !== 'completion') {
    return refuse(
      'NOT_REDUNDANT',
      misfit ?? 'Seats run completions alone.',
      'Leave that out, or use signed or reference.',
    )
  }
  const seatWei = await runner.seatPriceWei(model.policy)
  if (seatWei === undefined) {
    return refuse(
      'TOO_FEW_SEATS',
      `Fewer than ${runner.seats} providers serve this model.`,
      'Wait, or take another model.',
    )
  }
  const { seats } = runner
  return { isAvailable: true, ceilingWei: seatWei * BigInt(seats), seats, runner, completion: request }
}

const refuse = (code: string, reason: string, fix: string): RedundantQuote => ({
  isAvailable: false,
  code,
  reason,
  fix,
})

/** What of a request the seats of a job cannot run; undefined when they can. */
function misfitOf(request: StreamRequest, privacy: 'open' | 'sealed'): string | undefined {
  if (request.api !== 'completion') return 'Seats run completions alone: a chat depends on a template.'
  if (privacy === 'sealed') return 'Every seat and the coordinator read the prompt: it cannot travel sealed.'
  if (new TextEncoder().encode(request.prompt).length > limits.maxPromptBytes) {
    return `Seats take prompts up to ${limits.maxPromptBytes} bytes.`
  }
  if (request.topP !== 1) return 'Seats do not know top_p.'
  if (request.stop.length > 0) return 'Seats do not know stop texts.'
  if (request.topLogprobs > 0) return 'Seats tell no log-probabilities.'
  return undefined
}
