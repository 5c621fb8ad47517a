import { randomInt } from 'node:crypto'
import { DuckMeshError } from '@duckmesh/protocol'
import type { Router } from 'express'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Buyer } from '../buyer.ts'
import { createCreditTill } from '../credit/creditTill.ts'
import { findKey } from '../credit/keys.ts'
import { type TransferParts, tendCredit } from '../credit/transfers.ts'
import { type Defaults, defaultTimes, type Gateway } from '../gateway.ts'
import { createOpenAiRouter } from '../openai/router.ts'

/** What a hosted gateway is made of. */
export type HostedGatewayOptions = {
  /** Buys with the key of the gateway; closed by `stop`. */
  buyer: Buyer
  credit: TransferParts
  defaults: Defaults
  /** Requests of one API key and minute. */
  ratePerMinute: number
  onError: Gateway['onError']
  /** Told of what fails in the background; it is tried again. */
  onTrouble(error: DuckMeshError): void
}

/** A gateway that serves others, from money that they have paid in. */
export type HostedGateway = {
  /** The OpenAI API, for programs with an API key. */
  router: Router
  credit: TransferParts
  /** Ends requests that run, at the chunk, and closes the buyer. */
  stop(): Promise<void>
}

/**
 * The same answer; when the gateway itself is out of money, its users are not told that they are: they have credit, and
 * can only wait for it.
 */
async function* ownFault<T, R>(answer: AsyncGenerator<T, R, undefined>): AsyncGenerator<T, R, undefined> {
  try {
    return yield* answer
  } catch (thrown) {
    if (!(thrown instanceof DuckMeshError) || thrown.code !== 'INSUFFICIENT_FUNDS') throw thrown
    const message = 'The gateway has no free DUCK for another channel now.'
    throw new DuckMeshError('SERVICE_UNAVAILABLE', message, thrown.details, { cause: thrown })
  }
}

/** Time between two rounds of housekeeping, ms. */
const TEND_MS = 5_000

/**
 * Creates a gateway that serves the holders of API keys. Warning: it holds their money. Everything that it keeps about
 * that is in its credit store, and their unused part can be paid out at any time.
 */
export function createHostedGateway(options: HostedGatewayOptions): HostedGateway {
  const { buyer, credit, defaults, ratePerMinute, onError, onTrouble } = options
  const { store, nowMs } = credit
  const stopping = new AbortController()
  const limiter = new RateLimiterMemory({ points: ratePerMinute, duration: 60 })
  const router = createOpenAiRouter({
    buyer: { ...buyer, stream: (request, terms) => ownFault(buyer.stream(request, terms)) },
    defaults,
    admit: async (authorization) => {
      const key = await findKey(store, authorization)
      await limiter.consume(key.keyId).catch(({ msBeforeNext }: RateLimiterRes) => {
        const message = `This API key may be used ${ratePerMinute} times a minute.`
        throw new DuckMeshError('RATE_LIMITED', message, { retryAfterMs: msBeforeNext })
      })
      return { till: createCreditTill(store, key, defaultTimes.requestMs, nowMs) }
    },
    nowMs,
    randomBelow: (below) => randomInt(below),
    onError,
    stopping: stopping.signal,
  })
  let timer: NodeJS.Timeout | undefined
  const tend = async (): Promise<void> => {
    await tendCredit(credit).catch((thrown) => onTrouble(DuckMeshError.from(thrown)))
    if (!stopping.signal.aborted) timer = setTimeout(() => begin(), TEND_MS)
  }
  let tending = Promise.resolve()
  const begin = () => {
    tending = tend()
  }
  begin()
  return {
    router,
    credit,
    stop: async () => {
      stopping.abort()
      clearTimeout(timer)
      await tending
      await buyer.close()
    },
  }
}
