import {
  type Chunk,
  DuckMeshError,
  type ProviderId,
  type StreamBody,
  type StreamEnd,
  type StreamRequest,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import { z } from 'zod'
import type { Purse } from '../channels/purse.ts'
import type { Hold } from '../channels/reserve.ts'
import type { Clock } from '../ports/clock.ts'
import type { Fetch } from '../ports/fetch.ts'
import type { Observe } from '../ports/observe.ts'
import type { SealedRequest } from '../ports/sealer.ts'
import { errorInEnd, isBusy, retryAfterMs } from './busy.ts'
import { eventStream, type StreamEvent } from './eventStream.ts'
import { callJson, type HttpCall } from './http.ts'
import type { Sessions } from './sessions.ts'
import type { StreamSettings } from './settings.ts'
import type { StreamVerifier } from './verifier.ts'
import { callsOn, namedEvents, type Way, type Ways } from './way.ts'

const CATCH_UP_POLL_MS = 200

/** What an attempt works with. */
export type AttemptParts = {
  purse: Purse
  sessions: Sessions
  settings: StreamSettings
  clock: Clock
  fetch: Fetch
  observe: Observe
  ways: Ways
  /** Origin of the relay; undefined where there is none. */
  relayUrl: string | undefined
}

/** One stream at one provider. */
export type AttemptTarget = {
  providerId: ProviderId
  endpoint: string
  signingKey: Address
  hold: Hold
  verifier: StreamVerifier
  /** Ways to the provider: when one fails the next one is taken. */
  ways: readonly Way[]
  /** Sealed for each connection anew. */
  payload: { request: StreamRequest } | { seal(): Promise<SealedRequest>; eventName: string }
  signal: AbortSignal
}

/**
 * How an attempt ended. `done`: the answer is whole. `unpaid`: the limit of the buyer was reached. `busy`: nothing was
 * given, for want of room and nothing else. `refused`: nothing began. `cut`: a part came, the rest did not. `invalid`: the
 * provider broke its word.
 */
export type AttemptEnd = {
  how: 'done' | 'unpaid' | 'busy' | 'refused' | 'cut' | 'invalid'
  end: StreamEnd | undefined
  error: DuckMeshError | undefined
}

export type AttemptEvent = { type: 'open' } | { type: 'chunk'; chunk: Chunk }

/**
 * Runs one stream at one provider to its end: sends it, checks all that comes, raises the voucher when the provider waits
 * for it, and goes on at the same provider after a cut. The purse knows how it ended in every case.
 * @throws DuckMeshError `STORE_UNAVAILABLE` and nothing else: all other errors are in how it ended
 */
export async function* attempt(
  parts: AttemptParts,
  target: AttemptTarget,
): AsyncGenerator<AttemptEvent, AttemptEnd, undefined> {
  const { purse, settings, clock } = parts
  const { hold, verifier } = target
  const over = new AbortController()
  const signal = AbortSignal.any([target.signal, over.signal])
  const startedMs = clock.nowMs()
  const deadlineMs = startedMs + settings.longestMs
  const state: Progress = {
    begun: false,
    reached: false,
    ended: false,
    refusedToPay: false,
    way: target.ways[0]!,
  }
  let wayAt = 0
  /** What went wrong on the way that says most about the provider. */
  let straight: DuckMeshError | undefined
  let failures = 0
  let before = 0
  try {
    for (;;) {
      let error: DuckMeshError
      try {
        const end = yield* connection(parts, target, signal, deadlineMs, state)
        if (end) {
          state.ended = true
          const error = errorOf(end, hold)
          const isFull = verifier.chunks === 0 && error !== undefined && isBusy(error)
          return { how: isFull ? 'busy' : howItEnded(end, state.refusedToPay), end, error }
        }
        error = new DuckMeshError('STREAM_CUT', 'The provider closed the stream before its end.', {
          streamId: hold.streamId,
        })
      } catch (thrown) {
        error = DuckMeshError.from(thrown)
      }
      if (state.way === 'direct') straight = error
      if (!isAnswer(error)) {
        const isAway = state.way === 'direct' && !state.reached && !target.signal.aborted
        if (isAway) parts.ways.note(target.providerId, false)
        wayAt += 1
        state.way = target.ways[wayAt % target.ways.length]!
      }
      if (error.code === 'STREAM_INVALID') {
        state.ended = true
        await purse.accuse(hold.streamId, { code: error.code, message: error.message })
        return { how: 'invalid', end: undefined, error }
      }
      // every chunk that came is progress, after which the tries count anew
      failures = verifier.chunks > before ? 1 : failures + 1
      before = verifier.chunks
      const isOver = target.signal.aborted || clock.nowMs() > deadlineMs
      if (!state.begun && isAnswer(error)) {
        if (!isOver && isCatchingUp(error) && clock.nowMs() - startedMs < settings.catchUpMs) {
          await clock.sleep(Math.min(retryAfterMs(error) ?? CATCH_UP_POLL_MS, 1_000), signal)
          continue
        }
        // streams beside this one have taken what its promise was to pay for: it is free again when they end
        const isCrowded = error.code === 'VOUCHER_TOO_LOW' && purse.isShared(hold.streamId)
        state.ended = true
        await purse.drop(hold.streamId)
        return { how: isCrowded || isBusy(error) ? 'busy' : 'refused', end: undefined, error }
      }
      if (isOver || failures > settings.resumeTries || (isAnswer(error) && !error.retryable)) {
        return { how: state.begun ? 'cut' : 'refused', end: undefined, error: straight ?? error }
      }
      await clock.sleep(settings.resumeAfterMs * 2 ** (failures - 1), signal)
    }
  } finally {
    if (!state.ended) {
      over.abort()
      await purse.lose(hold.streamId)
    }
  }
}

type Progress = {
  begun: boolean
  /** Whether the provider has answered on this connection. */
  reached: boolean
  ended: boolean
  refusedToPay: boolean
  way: Way
}

/** One connection; undefined when it ended without an `end`. */
async function* connection(
  parts: AttemptParts,
  target: AttemptTarget,
  signal: AbortSignal,
  deadlineMs: number,
  state: Progress,
): AsyncGenerator<AttemptEvent, StreamEnd | undefined, undefined> {
  const { purse, settings, clock, observe } = parts
  const { hold, verifier, payload } = target
  const { streamId, stream, config } = hold
  const voucher = await purse.voucher(stream.channelId)
  const { way } = state
  state.reached = false
  const sealing = 'seal' in payload ? await payload.seal() : undefined
  const body: StreamBody = {
    stream,
    channel: config,
    voucher,
    ...('seal' in payload ? { sealed: sealing!.sealed } : { request: payload.request }),
    afterChunks: verifier.chunks,
  }
  const call = await callOf(parts, target, way, signal)
  const sealed = 'seal' in payload && { eventName: payload.eventName, opener: sealing!.opener() }
  const events = eventStream(
    { ...call, route: callsOn[way].open, body, timeoutMs: settings.openWithinMs },
    { silenceMs: settings.silenceMs, stallMs: settings.stallMs, clock, sealed: sealed || undefined },
  )
  let heardAtMs = clock.nowMs()
  let isOpen = false
  for await (const event of way === 'relay' ? namedEvents(events) : events) {
    observe(event.name === 'open' ? 'stream-posted' : 'chunk-received')
    if (clock.nowMs() > deadlineMs) throw late(hold, `took more than ${settings.longestMs} ms`)
    if (event.name === 'open') {
      if (event.data.streamId !== streamId || event.data.providerId !== target.providerId) {
        throw invalid(hold, 'open')
      }
      if (isOpen) throw invalid(hold, 'open twice')
      isOpen = true
      state.reached = true
      if (way === 'direct') parts.ways.note(target.providerId, true)
      if (!state.begun) yield { type: 'open' }
      state.begun = true
    } else if (!isOpen) {
      throw invalid(hold, `${event.name} before open`)
    } else if (event.name === 'chunk') {
      verifier.take(event.data)
      yield { type: 'chunk', chunk: event.data }
      heardAtMs = clock.nowMs()
    } else if (event.name === 'end') {
      return await finish(parts, target, event.data)
    } else {
      await statement(parts, target, signal, event, state)
    }
    if (clock.nowMs() - heardAtMs > settings.stallMs)
      throw late(hold, `gave no chunk for ${settings.stallMs} ms`)
  }
  return undefined
}

async function statement(
  parts: AttemptParts,
  target: AttemptTarget,
  signal: AbortSignal,
  event: Extract<StreamEvent, { name: 'checkpoint' | 'pay' }>,
  state: Progress,
): Promise<void> {
  const { purse, settings, clock, observe } = parts
  const { hold, verifier } = target
  verifier.noteStatement()
  if (event.name === 'checkpoint') {
    await verifier.checkpoint(event.data)
    await purse.prove(hold.streamId, event.data)
    return
  }
  const voucher = await purse.raise(hold.streamId, event.data.needWei, hold.limitWei)
  // the provider gives what is paid for, then ends the stream, and its receipt says what it was
  if (!voucher || voucher.maxCumulativeWei < event.data.needWei) state.refusedToPay = true
  if (!voucher) return
  const { way } = state
  const call = await callOf(parts, target, way, signal)
  const parameters = { ...call.parameters, streamId: hold.streamId }
  const timeoutMs = Math.max(1_000, Math.min(event.data.untilMs - clock.nowMs(), settings.openWithinMs))
  const body = { voucher }
  await callJson({ ...call, route: callsOn[way].pay, parameters, body, timeoutMs }, z.unknown())
  observe('raise-sent')
}

async function finish(parts: AttemptParts, target: AttemptTarget, end: StreamEnd): Promise<StreamEnd> {
  const { purse } = parts
  const { hold, verifier } = target
  await verifier.end(end)
  await purse.finish(hold.streamId, end)
  await purse.checkOwed(hold.stream.channelId, end.owedWei)
  return end
}

async function callOf(
  { sessions, fetch, relayUrl }: AttemptParts,
  { providerId, endpoint, signingKey }: AttemptTarget,
  way: Way,
  signal: AbortSignal,
): Promise<Pick<HttpCall, 'baseUrl' | 'parameters' | 'authorization' | 'signal' | 'fetch'>> {
  // the session is for the provider alone: by a relay it travels under the seal
  if (way === 'relay')
    return { baseUrl: relayUrl!, parameters: { providerId: String(providerId) }, signal, fetch }
  return { baseUrl: endpoint, authorization: await sessions.header(signingKey), signal, fetch }
}

/** Whether the provider itself said so, so that it has surely not begun. */
const isAnswer = ({ code, details }: DuckMeshError): boolean =>
  typeof details.status === 'number' && code !== 'SERVICE_UNAVAILABLE' && code !== 'UPSTREAM_ERROR'

/** Errors that pass when the provider has seen the chain as it is now. */
const isCatchingUp = ({ code }: DuckMeshError): boolean =>
  code === 'CHANNEL_UNKNOWN' || code === 'CHANNEL_EXHAUSTED' || code === 'CHANNEL_CLOSING'

function howItEnded({ finishReason }: StreamEnd, refusedToPay: boolean): AttemptEnd['how'] {
  if (finishReason === 'stop' || finishReason === 'length' || finishReason === 'tool_calls') return 'done'
  return finishReason === 'unpaid' && refusedToPay ? 'unpaid' : 'cut'
}

function errorOf({ finishReason, error }: StreamEnd, { streamId }: Hold): DuckMeshError | undefined {
  const told = errorInEnd(error)
  if (told) return told
  if (finishReason === 'cut' || finishReason === 'error' || finishReason === 'unpaid') {
    return new DuckMeshError('STREAM_CUT', `The provider ended the stream: ${finishReason}.`, { streamId })
  }
  return undefined
}

const invalid = ({ streamId }: Hold, field: string): DuckMeshError =>
  new DuckMeshError('STREAM_INVALID', `The provider sent ${field}.`, { streamId, field })

const late = ({ streamId }: Hold, what: string): DuckMeshError =>
  new DuckMeshError('SERVICE_UNAVAILABLE', `The provider ${what}.`, { streamId })
