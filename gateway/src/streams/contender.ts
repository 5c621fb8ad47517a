import {
  type Chunk,
  DuckMeshError,
  hashCanonical,
  type ProviderId,
  type SkipReason,
  type StreamRequest,
  streamCeilingWei,
  verificationModes,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { BuyOptions } from '../buyer.ts'
import { lesser } from '../channels/amounts.ts'
import type { ChannelChain } from '../ports/channelChain.ts'
import type { SealedRequest, Sealer } from '../ports/sealer.ts'
import type { Candidate } from '../routing/eligible.ts'
import { type AttemptEnd, type AttemptParts, type AttemptTarget, attempt } from './attempt.ts'
import type { Whereabouts } from './collect.ts'
import { StreamVerifier } from './verifier.ts'

export type ContenderParts = AttemptParts & {
  chain: ChannelChain
  sealer: Sealer
  /** Signing key of a provider by the chain. */
  signingKey: (providerId: ProviderId) => Promise<Address>
  /** Compares the channel to a provider with its books, once in the life of this process before it is used. */
  checkBooks: (providerId: ProviderId, whereabouts: Whereabouts) => Promise<void>
}

/** A provider that is asked, as far as it has come. */
export type Contender = {
  candidate: Candidate
  /** As it was hashed and paid: what goes on from an earlier provider has its tokens in it. */
  request: StreamRequest
  target: AttemptTarget
  verifier: StreamVerifier
  startedAtMs: number
  /** The next chunk, or how it ended. */
  next(): Promise<{ chunk: Chunk } | { end: AttemptEnd }>
  /** Ends it: the connection is closed, and the purse keeps what is not settled. Resolves when that is saved. */
  abort(): Promise<void>
}

/**
 * Promises money to a provider and prepares its stream; nothing is sent before `next`.
 * @param leftWei most that it may cost, DUCK wei; undefined for what the request can cost at most
 * @returns the contender, or why the provider cannot be asked
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`, `CHAIN_REVERTED`, `STORE_UNAVAILABLE`, `SERVICE_UNAVAILABLE` when its books
 * cannot be read, `SEAL_BROKEN`
 */
export async function contend(
  parts: ContenderParts,
  candidate: Candidate,
  plain: StreamRequest,
  options: BuyOptions,
  leftWei: bigint | undefined,
  signal: AbortSignal,
): Promise<Contender | SkipReason> {
  const { purse, clock, settings, chain, sealer, sessions } = parts
  const { provider, streaming, policy } = candidate
  const { providerId, endpoint, sealKey } = provider
  const canRelay = sealKey !== null && parts.relayUrl !== undefined && options.mode !== 'reference'
  const ways = parts.ways.of(providerId, options.route, canRelay)
  // what goes by a relay is always sealed, and one that may go there later on is sealed from the start
  const isSealed = options.privacy === 'sealed' || ways.includes('relay')
  if (isSealed && !sealKey) return 'NO_SEALING'
  const request = isSealed ? sealer.salted(plain) : plain
  const signingKey = await parts.signingKey(providerId)
  // whoever goes by the relay does not show itself to the provider
  if (ways.includes('direct')) await parts.checkBooks(providerId, { endpoint, signingKey })
  const { requestWei, promptTokenWei, tokenWei } = streaming
  const price = { requestWei, promptTokenWei, tokenWei }
  const ceilingWei = streamCeilingWei(price, request)
  const hold = await purse.reserve({
    providerId,
    price,
    requestHash: hashCanonical(request),
    policy,
    mode: verificationModes[options.mode],
    limitWei: leftWei === undefined ? ceilingWei : lesser(ceilingWei, leftWei),
    leastWei: streaming.strangerCapWei,
    expiresAt: Math.floor((clock.nowMs() + settings.beginWithinMs) / 1_000),
  })
  if (typeof hold === 'string') return hold
  const { streamId } = hold
  let payload: AttemptTarget['payload'] = { request }
  if (isSealed) {
    const seal = async () => {
      const authorization = ways.includes('relay') ? await sessions.header(signingKey) : null
      return sealer.seal(request, { providerId, signingKey, sealKey: sealKey! }, streamId, authorization)
    }
    try {
      let first: SealedRequest | undefined = await seal()
      payload = {
        eventName: sealer.eventName,
        seal: async () => {
          const sealed = first ?? (await seal())
          first = undefined
          return sealed
        },
      }
    } catch (thrown) {
      await purse.drop(streamId)
      throw thrown
    }
  }
  const verifier = new StreamVerifier({
    domain: chain.domain,
    streamId,
    providerId,
    signingKey,
    price,
    request,
    givesTokens: streaming.givesLogprobs,
    needsLogprobs: options.mode === 'reference',
  })
  const over = new AbortController()
  const target: AttemptTarget = {
    providerId,
    endpoint,
    signingKey,
    hold,
    verifier,
    ways,
    payload,
    signal: AbortSignal.any([signal, over.signal]),
  }
  const steps = attempt(parts, target)
  let running: Promise<unknown> = Promise.resolve()
  const next: Contender['next'] = async () => {
    for (;;) {
      const step = await steps.next()
      if (step.done) return { end: step.value ?? aborted }
      if (step.value.type === 'chunk') return { chunk: step.value.chunk }
    }
  }
  return {
    candidate,
    request,
    target,
    verifier,
    startedAtMs: clock.nowMs(),
    next: () => {
      const step = next()
      running = step
      return step
    },
    abort: async () => {
      over.abort()
      await running.catch(() => undefined) // whoever asked for that step hears of it
      await steps.return(aborted)
    },
  }
}

const aborted: AttemptEnd = {
  how: 'cut',
  end: undefined,
  error: new DuckMeshError('CANCELLED', 'The stream was cancelled.'),
}
