import type { BuyerResult } from '@duckmesh/gateway'
import type { RedundantRunner } from '@duckmesh/gateway/home'
import { DuckMeshError } from '@duckmesh/protocol'
import type { DuckMeshClient, JobAnswer } from '@duckmesh/sdk'

/** Seats of a job that is bought through the gateway. */
const SEATS = 3

/**
 * Runs redundant jobs for the gateway: the same jobs as `duckmesh run`, with everything verified before it is given out.
 * Once an order is sent nobody can take it back, so a client that goes away pays for it.
 */
export function createRedundantRunner(client: DuckMeshClient): RedundantRunner {
  return {
    seats: SEATS,
    seatPriceWei: async (policy) => {
      const { models } = await client.getModels()
      const model = models.find((known) => known.policy === policy)
      return model && model.providers >= SEATS ? model.minPriceWei : undefined
    },
    async *stream({ prompt, maxTokens, temperature, seed }, { policy, maxPriceWei, signal }) {
      const wish = { prompt, maxTokens, temperature, seed, model: policy, seats: SEATS, maxPriceWei }
      const job = await client.submitJob(wish)
      const costWei = String(maxPriceWei)
      const answer: JobAnswer = await client
        .waitForResult(job.jobId, { request: job.request, signal })
        .catch((thrown: unknown) => {
          const { code, message, details } = DuckMeshError.from(thrown)
          const isOpen = code !== 'JOB_FAILED'
          throw new DuckMeshError(code, message, {
            ...details,
            jobId: job.jobId,
            ...(isOpen ? { costWei } : {}),
          })
        })
      const { text, tokens, finishReason } = answer.result
      yield { type: 'start', streamId: job.jobId, providerId: answer.outcome.paid[0]!.providerId, policy }
      yield { type: 'chunk', chunk: { index: 0, text, tokens, logprobs: [] } }
      return resultOf(answer, finishReason)
    },
  }
}

function resultOf({ jobId, outcome, receipts }: JobAnswer, finishReason: 'stop' | 'length'): BuyerResult {
  const [first] = receipts
  return {
    streamIds: [jobId],
    providers: outcome.paid.map(({ providerId }) => providerId),
    // each seat gave the whole answer
    parts: outcome.paid.map(({ providerId, earnedWei }) => ({
      streamId: jobId,
      providerId,
      firstToken: 0,
      tokens: first?.receipt.completionTokens ?? 0,
      costWei: earnedWei,
      receipt: receipts.find(({ receipt }) => receipt.providerId === providerId) ?? null,
      checkpoint: null,
    })),
    usage: {
      promptTokens: first?.receipt.promptTokens ?? 0,
      completionTokens: first?.receipt.completionTokens ?? 0,
    },
    costWei: outcome.paid.reduce((sum, { earnedWei }) => sum + earnedWei, 0n),
    finishReason,
    receipts,
    why: [],
  }
}
