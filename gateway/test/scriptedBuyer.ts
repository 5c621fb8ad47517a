import {
  type Chunk,
  DuckMeshError,
  type ExecutionProfile,
  hashCanonical,
  type StreamRequest,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Buyer, BuyerEvent, BuyerIdentity, BuyerModel, BuyerResult, BuyOptions } from '../src/buyer.ts'

export const profile: ExecutionProfile = {
  model: 'ab'.repeat(32),
  name: 'scripted',
  quantisation: 'none',
  tokenizer: 'none',
  sampler: { topK: 0, topP: 1, minP: 0 },
  engine: 'scripted',
  kernelClass: 'none',
  contextTokens: 1_024,
}
export const price = { requestWei: 100n, promptTokenWei: 1n, tokenWei: 10n }
export const jobId: Hex = `0x${'12'.repeat(32)}`

export const model = (changes: Partial<ExecutionProfile> = {}): BuyerModel => {
  const own = { ...profile, ...changes }
  return {
    policy: hashCanonical(own),
    profile: own,
    apis: ['chat', 'completion', 'embedding'],
    providers: 2,
    price,
  }
}

/** One call of `stream` as it came. */
export type Asked = { request: StreamRequest; options: BuyOptions }

/** What the scripted buyer yields for a request, and how it ends. */
export type Script = (
  asked: Asked,
) => AsyncGenerator<Chunk | BuyerEvent, Partial<BuyerResult> | undefined, undefined>

export const chunk = (index: number, text: string, more: Partial<Chunk> = {}): Chunk => ({
  index,
  text,
  tokens: [100 + index],
  logprobs: [-0.5],
  ...more,
})

/** Three words and a stop. */
export async function* threeWords(): ReturnType<Script> {
  for (const [index, text] of ['a', ' little', ' duck'].entries()) yield chunk(index, text)
  return {}
}

/** A buyer whose answers the test writes. It is for the surface alone: it pays nobody and checks nothing. */
export function createScriptedBuyer(script: Script = threeWords, models: BuyerModel[] = [model()]) {
  const asked: Asked[] = []
  /** Chunks that were taken from the script so far. */
  const pace = { given: 0 }
  const buyer = {
    async *stream(request, options) {
      asked.push({ request, options })
      const { policy } = options.model
      const events = script({ request, options })
      const usage = { promptTokens: 5, completionTokens: 0 }
      const result = (more: Partial<BuyerResult>): BuyerResult => ({
        streamIds: [jobId],
        providers: [7],
        parts: [],
        usage,
        costWei: 100n + 10n * BigInt(usage.completionTokens),
        finishReason: 'stop',
        receipts: [],
        why: [{ providerId: 3, reason: 'AT_CAPACITY', fix: 'Wait.' }],
        ...more,
      })
      yield { type: 'start', streamId: jobId, providerId: 7, policy: policy! }
      for (;;) {
        if (options.signal?.aborted) {
          await events.return(undefined)
          return result({ finishReason: 'cut' })
        }
        const next = await events.next()
        if (next.done) return result(next.value ?? {})
        if ('type' in next.value) yield next.value
        else {
          pace.given++
          usage.completionTokens += next.value.tokens.length
          yield { type: 'chunk', chunk: next.value }
        }
      }
    },
    quote: async (_request, { model: choice }) => {
      const found = models.find(({ policy }) => policy === choice.policy)
      if (!found) throw new DuckMeshError('NO_PROVIDERS', 'Nobody is there.', { skipped: [] })
      return { providerId: 7, policy: found.policy, price, ceilingWei: 1_000n, why: [] }
    },
    models: async () => models,
    balance: async () => ({ freeWei: 0n, heldWei: 0n, owedWei: 0n }),
    channels: () => [],
    health: () => ({ coordinator: ok, chain: ok }),
    identity: () => identity,
    close: async () => undefined,
  } satisfies Buyer
  return { buyer: buyer as Buyer, asked, pace }
}

/** Who the scripted buyer says it is. */
export const identity: BuyerIdentity = {
  payer: `0x${'aa'.repeat(20)}`,
  voucherKey: `0x${'bb'.repeat(20)}`,
  route: 'direct',
}

const ok = { isOk: true, lastOkAtMs: 0, code: null }
