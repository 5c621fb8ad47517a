import {
  DuckMeshError,
  hashCanonical,
  type Stream,
  type StreamOffer,
  type StreamRequest,
  stringifyWire,
  verificationModes,
} from '@duckmesh/protocol'
import type { Hex } from 'viem'
import type { Executor } from '../executors/executor.ts'
import type { Generator } from '../executors/generator.ts'
import { StreamSlots } from './slots.ts'

/** What streams cost, and the least that a stranger promises, DUCK wei. */
export type StreamPrices = Pick<StreamOffer, 'requestWei' | 'promptTokenWei' | 'tokenWei' | 'strangerCapWei'>

/** One engine on the streaming lane. */
export type StreamEngine = {
  /** Canonical hash of the execution profile. */
  policy: Hex
  generator: Generator
  slots: StreamSlots
  /** What is offered now. */
  offer(): StreamOffer
}

/**
 * The engines of a node that serve streams.
 * @param prices what holds now; asked for each stream
 * @param maxWaiting streams that may wait for an engine
 */
export function streamEngines(
  executors: Executor[],
  prices: () => StreamPrices,
  maxWaiting: number,
  nowMs: () => number,
): StreamEngine[] {
  return executors.flatMap(({ generator, profile }) => {
    if (!generator) return []
    const slots = new StreamSlots(generator.slots, maxWaiting, nowMs)
    const offer = (): StreamOffer => ({
      apis: [...generator.apis],
      givesLogprobs: generator.givesLogprobs,
      ...prices(),
      slots: generator.slots,
      busy: Math.max(slots.taken, generator.busy),
    })
    return [{ policy: hashCanonical(profile), generator, slots, offer }]
  })
}

/**
 * The engine for a stream, when it asks for what is offered.
 * @throws DuckMeshError `UNKNOWN_MODEL`, `STREAM_PRICE` with `details.offer`, `BAD_REQUEST`, `UNSUPPORTED_MODE`
 */
export function engineFor(
  engines: StreamEngine[],
  stream: Stream,
  { api }: Pick<StreamRequest, 'api'>,
): StreamEngine {
  const engine = engines.find(({ policy }) => policy === stream.policy)
  if (!engine) {
    throw new DuckMeshError('UNKNOWN_MODEL', 'This node does not serve that profile.', {
      policy: stream.policy,
    })
  }
  const offer = engine.offer()
  const { requestWei, promptTokenWei, tokenWei } = offer
  if (
    stream.requestWei !== requestWei ||
    stream.promptTokenWei !== promptTokenWei ||
    stream.tokenWei !== tokenWei
  ) {
    const details = { offer: JSON.parse(stringifyWire(offer)) as unknown }
    throw new DuckMeshError('STREAM_PRICE', 'The stream names other prices than this node.', details)
  }
  if (!engine.generator.apis.includes(api)) {
    throw new DuckMeshError('BAD_REQUEST', `This engine does not serve ${api}.`, { apis: offer.apis })
  }
  const isReplayable = stream.mode === verificationModes.reference && offer.givesLogprobs
  if (stream.mode !== verificationModes.signed && !isReplayable) {
    throw new DuckMeshError('UNSUPPORTED_MODE', 'This engine does not serve streams of that mode.', {
      mode: stream.mode,
    })
  }
  return engine
}
