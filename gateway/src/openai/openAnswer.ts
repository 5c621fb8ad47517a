import type { Chunk, JobId, ProviderId } from '@duckmesh/protocol'
import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import type { Response } from 'express'
import type { Hex } from 'viem'
import type { BuyerResult } from '../buyer.ts'
import { type Ask, buyAnswer } from './buyAnswer.ts'
import type { Call } from './call.ts'
import type { EndedBy } from './requestLife.ts'

/** An answer that a provider has begun. */
export type OpenAnswer = {
  jobId: JobId
  providerId: ProviderId
  policy: Hex
  /** Gives the chunks, in order, and at the end how it ended. Must be followed to its end. */
  chunks: AsyncGenerator<Chunk, BuyerResult, undefined>
}

/**
 * Buys an answer and waits until somebody has begun it, so that a refusal is still an answer with a status of its own.
 * @throws DuckMeshError see `buyAnswer`
 */
export async function openAnswer({ gateway, caller, life }: Call, ask: Ask): Promise<OpenAnswer> {
  const events = buyAnswer(gateway, caller, ask, life.signal)
  const first = await events.next()
  if (first.done || first.value.type !== 'start') {
    throw new DuckMeshError('STREAM_INVALID', 'The answer ended before it began.')
  }
  const { streamId, providerId, policy } = first.value
  async function* chunks(): AsyncGenerator<Chunk, BuyerResult, undefined> {
    for (;;) {
      const { done, value } = await events.next()
      if (done) return value
      if (value.type === 'chunk') yield value.chunk
    }
  }
  return { jobId: streamId, providerId, policy, chunks: chunks() }
}

/** Says who answers, in headers. */
export function setAnswerHeaders(response: Response, { jobId, providerId, policy }: OpenAnswer): void {
  response.setHeader('x-duckmesh-job', jobId)
  response.setHeader('x-duckmesh-provider', String(providerId))
  response.setHeader('x-duckmesh-policy', policy)
}

/** Seed of a request that samples. */
export const seedOf = (request: StreamRequest): number | undefined =>
  'seed' in request ? request.seed : undefined

/** The error of an answer that did not come to its end, with what it cost. */
export function cutError(
  { finishReason, costWei, why }: BuyerResult,
  endedBy: EndedBy | undefined,
): DuckMeshError {
  const details = { costWei: String(costWei), why }
  if (endedBy === 'stop') return new DuckMeshError('SERVICE_UNAVAILABLE', 'The gateway stops.', details)
  if (endedBy === 'time') return new DuckMeshError('EXECUTOR_TIMEOUT', 'The answer took too long.', details)
  if (finishReason === 'error')
    return new DuckMeshError('EXECUTOR_FAILED', 'The engine failed in the middle.', details)
  return new DuckMeshError('STREAM_CUT', 'The answer was cut.', details)
}
