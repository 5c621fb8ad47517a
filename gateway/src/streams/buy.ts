import {
  type Chunk,
  DuckMeshError,
  type ProviderId,
  type Skipped,
  type SkipReason,
  type StreamRequest,
  skipFixes,
} from '@duckmesh/protocol'
import type { BuyerEvent, BuyerResult, BuyOptions } from '../buyer.ts'
import type { Referee } from '../reference/referee.ts'
import type { Router } from '../routing/router.ts'
import { Answer, type Proven } from './answer.ts'
import type { AttemptEnd } from './attempt.ts'
import { retryAfterMs } from './busy.ts'
import { type Contender, type ContenderParts, contend } from './contender.ts'
import { nobody } from './nobody.ts'
import { race } from './race.ts'
import type { WaitingRoom } from './waitingRoom.ts'

export type BuyParts = ContenderParts & {
  router: Router
  /** Where requests wait when nobody has room. */
  room: WaitingRoom
  /** What was verified of a stream that has not ended; undefined for one that has. */
  proven: (streamId: `0x${string}`) => Proven | undefined
  /** Keeps what was asked until the stream has ended: it is needed to fetch a receipt later. */
  remember: (contender: Contender) => void
  /** Has answers of mode reference checked; undefined when this buyer checks none. */
  referee: Referee | undefined
  /** Lets something end on its own, and notes how it failed. */
  background: (work: Promise<unknown>) => void
}

/** Least wait before the market is asked again, milliseconds. */
const ASK_AGAIN_MS = 250
/** How long a provider is left alone that is busy and does not say for how long, milliseconds. */
const BUSY_MS = 1_000

/** Reasons that stay with an answer once they were given. */
const LASTING: ReadonlySet<SkipReason> = new Set(['FAILED_RECENTLY', 'SLOWER'])

/** Buys one answer; see `Buyer.stream`. `signal` ends with the iteration. */
export async function* buy(
  parts: BuyParts,
  request: StreamRequest,
  options: BuyOptions,
  signal: AbortSignal,
): AsyncGenerator<BuyerEvent, BuyerResult, undefined> {
  const { clock, room, settings, router } = parts
  const ticket = room.ticket()
  const answer = new Answer(request)
  const skipped = new Map<ProviderId, SkipReason>()
  const tries = new Map<ProviderId, number>()
  const broken = new Set<ProviderId>()
  let failure: DuckMeshError | undefined
  let asked = 0
  let progressAtMs = clock.nowMs()
  const why = (): Skipped[] =>
    [...skipped].map(([providerId, reason]) => ({ providerId, reason, fix: skipFixes[reason] }))

  const noteFailure = ({ candidate }: Contender, { how, error }: AttemptEnd) => {
    const { providerId } = candidate.provider
    failure = error ?? failure
    tries.set(providerId, (tries.get(providerId) ?? 0) + 1)
    if (error?.code === 'RELAY_UNAVAILABLE') {
      skipped.set(providerId, 'RELAY_AWAY') // nothing is known of the provider
      return
    }
    if (how === 'busy') {
      asked -= 1 // waiting for room is no failure, and leaves no mark
      if (error?.code !== 'VOUCHER_TOO_LOW') {
        router.memory.noteBusy(providerId, (error && retryAfterMs(error)) ?? BUSY_MS)
      }
      skipped.set(providerId, 'AT_CAPACITY')
      return
    }
    if (error?.code === 'STREAM_PRICE') router.market.doubt()
    const isAway = how === 'refused' && error?.code === 'SERVICE_UNAVAILABLE'
    if (how === 'invalid') {
      broken.add(providerId)
      router.memory.noteFault(providerId, 'invalid')
    } else if (how === 'cut' || isAway) router.memory.noteFault(providerId, 'cut')
    skipped.set(providerId, isAway ? 'OFFLINE' : 'FAILED_RECENTLY')
  }

  for (;;) {
    if (signal.aborted) {
      if (answer.hasContent) return answer.result('cut', why())
      throw new DuckMeshError('CANCELLED', 'The request was cancelled.')
    }
    const next = answer.request
    if (!next) throw cut(answer, failure, why())
    if (answer.isFull) return answer.result('length', why())
    const leftWei = options.maxPriceWei === undefined ? undefined : options.maxPriceWei - answer.costWei
    if (leftWei !== undefined && leftWei <= 0n) return answer.result('unpaid', why())
    const earlier = failure
    let queue: Awaited<ReturnType<Router['candidates']>>['candidates'] = []
    try {
      for (const [providerId, reason] of skipped) if (!LASTING.has(reason)) skipped.delete(providerId)
      const found = await router.candidates({ request: next, options, leftWei, model: answer.model }, request)
      for (const [providerId, reason] of found.skipped) skipped.set(providerId, reason)
      queue = found.candidates
        .filter(({ provider }) => !broken.has(provider.providerId))
        // who has failed here is asked again only when all others have
        .sort((a, b) => (tries.get(a.provider.providerId) ?? 0) - (tries.get(b.provider.providerId) ?? 0))
    } catch (thrown) {
      failure = DuckMeshError.from(thrown)
      if (!failure.retryable) throw failure
    }
    const start = async (): Promise<Contender | undefined> => {
      while (queue.length > 0 && asked < settings.attempts) {
        const candidate = queue.shift()!
        const { providerId } = candidate.provider
        try {
          const contender = await contend(parts, candidate, next, options, leftWei, signal)
          if (typeof contender === 'string') {
            skipped.set(providerId, contender)
            continue
          }
          asked += 1
          skipped.delete(providerId)
          parts.remember(contender)
          return contender
        } catch (thrown) {
          failure = DuckMeshError.from(thrown)
          skipped.set(providerId, reasonOf(failure))
        }
      }
      return undefined
    }
    const outcome = await race(start, answer.hasContent ? null : settings.hedgeAfterMs, clock)
    for (const { contender, end } of outcome.failed) noteFailure(contender, end)
    if (!outcome.winner) {
      // what failed in an earlier round may be mended by now
      const mended = failure === earlier ? undefined : failure
      const waitMs = router.waitMs([...skipped.keys()], ASK_AGAIN_MS)
      const error = nobody(skipped, mended, { isSpent: asked >= settings.attempts, retryAfterMs: waitMs })
      const isOver = clock.nowMs() - progressAtMs > settings.giveUpAfterMs
      if (error.isFinal || isOver) {
        if (answer.hasContent) throw cut(answer, failure, why())
        throw error.withReasons(why())
      }
      await room.wait(ticket, waitMs, signal)
      continue
    }
    progressAtMs = clock.nowMs()
    const { winner, slower } = outcome
    for (const one of slower) {
      skipped.set(one.target.providerId, 'SLOWER')
      parts.background(one.abort()) // the winner's answer must not stand behind it
    }
    for (const { provider } of queue) {
      if (!skipped.has(provider.providerId)) skipped.set(provider.providerId, 'NOT_CHOSEN')
    }
    skipped.delete(winner.target.providerId)
    const { policy } = winner.candidate
    const { providerId, hold } = winner.target
    const fromProviderId = answer.hasContent ? answer.lastProviderId : undefined
    answer.begin(winner)
    const chunks: Chunk[] = []
    let step = outcome.first
    let isLeft = true
    try {
      if (fromProviderId !== undefined) {
        yield { type: 'switch', fromProviderId, toProviderId: providerId, why: failure?.code ?? 'STREAM_CUT' }
      }
      yield { type: 'start', streamId: hold.streamId, providerId, policy }
      if ('chunk' in step) {
        router.memory.noteFirstToken(providerId, policy, clock.nowMs() - winner.startedAtMs)
      }
      while ('chunk' in step) {
        answer.add(step.chunk)
        chunks.push(step.chunk)
        progressAtMs = clock.nowMs()
        yield { type: 'chunk', chunk: step.chunk }
        step = await winner.next()
      }
      isLeft = false
    } finally {
      // the caller went away in the middle: the connection is closed, and the purse keeps what is not settled
      if (isLeft) await winner.abort()
    }
    const { end } = step as { end: AttemptEnd }
    answer.end(end, parts.proven(hold.streamId))
    if (end.how === 'done') {
      router.affinity.note(request, providerId)
      if (options.mode === 'reference' && parts.referee)
        parts.background(parts.referee.check(winner, chunks, end.end!))
      return answer.result(end.end!.finishReason, why())
    }
    if (end.how === 'unpaid') return answer.result('unpaid', why())
    if (!signal.aborted) noteFailure(winner, end)
  }
}

/** Why a provider could not even be asked. */
function reasonOf({ code }: DuckMeshError): SkipReason {
  if (code === 'SERVICE_UNAVAILABLE') return 'OFFLINE'
  return code === 'CHAIN_UNAVAILABLE' ? 'CHANNEL_PENDING' : 'FAILED_RECENTLY'
}

function cut(answer: Answer, failure: DuckMeshError | undefined, why: Skipped[]): DuckMeshError {
  const { streamIds, providers, costWei } = answer.result('cut', why)
  const details = { streamIds, providers, costWei: String(costWei), skipped: why, why: failure?.code }
  const message = 'The answer was cut, and no other provider can go on from there.'
  return new DuckMeshError('STREAM_CUT', message, details, { cause: failure })
}
