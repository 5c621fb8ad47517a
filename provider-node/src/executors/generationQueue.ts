import { DuckMeshError } from '@duckmesh/protocol'
import type { GenerationEnd, GenerationStep, Piece } from './generator.ts'
import { HandOver } from './handOver.ts'
import { RunQueue } from './runQueue.ts'

/** Steps that may be made before the consumer takes them. */
const STEPS_AHEAD = 16

/** Gives a step to the consumer; to be waited for when it returns a promise. */
export type Put = (step: GenerationStep) => Promise<void> | undefined

/**
 * Does the work of one request in a slot.
 * @param signal ends the work soon after it fires
 */
export type Produce = (put: Put, signal: AbortSignal) => Promise<GenerationEnd['finishReason']>

/**
 * Runs the requests of a generator in a bounded number of slots, first come, first served. The work goes on while the
 * consumer is busy, a few steps ahead of it; what is ready by then is given in one piece. A slot is free as soon as
 * its work has ended, whether or not anyone still reads.
 */
export class GenerationQueue {
  readonly #queue: RunQueue
  readonly #closing = new AbortController()

  /**
   * @param slots requests that run at once
   * @param maxWaiting requests that may wait for a slot
   */
  constructor(sizes: { slots: number; maxWaiting: number }) {
    this.#queue = new RunQueue(sizes)
  }

  /** Requests that run or wait. */
  get busy(): number {
    return this.#queue.size
  }

  /**
   * Runs one request.
   * @throws DuckMeshError `EXECUTOR_BUSY`, `CANCELLED`, and whatever the work throws
   */
  async *run(produce: Produce, cancel: AbortSignal): AsyncGenerator<GenerationStep, GenerationEnd, void> {
    const leaving = new AbortController()
    const signal = AbortSignal.any([this.#closing.signal, cancel, leaving.signal])
    const steps = new HandOver<GenerationStep>(STEPS_AHEAD)
    const end = this.#queue.run(() => work(produce, steps, signal), signal)
    end.then(
      () => steps.close(),
      (error: unknown) => steps.fail(error),
    )
    try {
      for (let ready = await steps.take(); ready; ready = await steps.take()) {
        if (signal.aborted) await end
        yield* joined(ready)
      }
      return { finishReason: await end }
    } finally {
      leaving.abort()
      await Promise.allSettled([end])
    }
  }

  /** Ends all work with `CANCELLED` and resolves when nothing runs. May be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The executor was closed.'))
    await this.#queue.idle()
  }
}

async function work(produce: Produce, steps: HandOver<GenerationStep>, signal: AbortSignal) {
  // a producer that waits for room must hear of the end
  const end = () => steps.close()
  signal.addEventListener('abort', end, { once: true })
  try {
    const reason = await produce((step) => steps.put(step), signal)
    signal.throwIfAborted()
    return reason
  } catch (cause) {
    if (!signal.aborted) throw cause
    throw new DuckMeshError('CANCELLED', 'The run was cancelled.', {}, { cause: signal.reason })
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/** Makes one piece of those that follow each other. Those without token ids stay apart, because each counts as a token. */
function* joined(steps: readonly GenerationStep[]): Generator<GenerationStep> {
  let last: Piece | undefined
  for (const step of steps) {
    if (step.type === 'piece' && last && step.piece.tokens.length > 0) last = join(last, step.piece)
    else {
      if (last) yield { type: 'piece', piece: last }
      last = step.type === 'piece' && step.piece.tokens.length > 0 ? step.piece : undefined
      if (!last) yield step
    }
  }
  if (last) yield { type: 'piece', piece: last }
}

function join(one: Piece, other: Piece): Piece {
  const both = <Item>(a: Item[] | undefined, b: Item[] | undefined) => [...(a ?? []), ...(b ?? [])]
  return {
    text: one.text + other.text,
    tokens: both(one.tokens, other.tokens),
    logprobs: both(one.logprobs, other.logprobs),
    ...((one.topLogprobs || other.topLogprobs) && { topLogprobs: both(one.topLogprobs, other.topLogprobs) }),
    ...((one.toolCalls || other.toolCalls) && { toolCalls: both(one.toolCalls, other.toolCalls) }),
  }
}
