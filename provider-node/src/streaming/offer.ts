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
import type { Prices } from '../prices/prices.ts'
import { StreamSlots } from './slots.ts'

/** One engine on the streaming lane. */
export type StreamEngine = {
  /** Canonical hash of the execution profile. */
  policy: Hex
  generator: Generator
  slots: StreamSlots
  /** What is offered now. */
  offer(): StreamOffer
  /** Whether a stream may begin at its prices: those of now, or those that its buyer may have been told. */
  takesPrice(stream: Stream): boolean
}

/**
 * The engines of a node that serve streams.
 * @param prices asked for each stream
 * @param maxWaiting streams that may wait for an engine
 */
export function streamEngines(
  executors: Executor[],
  prices: Prices,
  maxWaiting: number,
  nowMs: () => number,
): StreamEngine[] {
  return executors.flatMap(({ generator, profile }) => {
    if (!generator) return []
    const slots = new StreamSlots(generator.slots, maxWaiting, nowMs)
    const offer = (): StreamOffer => ({
      apis: [...generator.apis],
      givesLogprobs: generator.givesLogprobs,
      ...prices.stream(profile.name),
      slots: generator.slots,
      busy: Math.max(slots.taken, generator.busy),
    })
    const takesPrice = (stream: Stream) => prices.takes(profile.name, stream)
    return [{ policy: hashCanonical(profile), generator, slots, offer, takesPrice }]
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
  if (!engine.takesPrice(stream)) {
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
