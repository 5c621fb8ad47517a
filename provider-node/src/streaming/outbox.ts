import type { Chunk } from '@duckmesh/protocol'
import type { Piece } from '../executors/generator.ts'

/** Characters of text and tokens that may wait for the client; beyond that the engine waits. */
const FULL = 32_768
/** Most tokens of one chunk. */
const MOST_TOKENS = 256

/** Pieces that became one, and how many tokens of the answer they count. */
export type Parcel = { piece: Piece; tokens: number }

/**
 * Pieces between an engine and a client: what comes faster than it leaves becomes fewer, larger chunks, and beyond a
 * bound the engine has to wait.
 */
export class Outbox {
  readonly #parcels: Parcel[] = []
  #size = 0
  #onRoom: (() => void) | undefined

  get isEmpty(): boolean {
    return this.#parcels.length === 0
  }

  /** Adds a piece. Resolves when there is room for another. */
  async put(parcel: Parcel, end: AbortSignal): Promise<void> {
    this.#size += sizeOf(parcel.piece)
    const last = this.#parcels.at(-1)
    if (last && mayJoin(last, parcel)) this.#parcels[this.#parcels.length - 1] = join(last, parcel)
    else this.#parcels.push(parcel)
    while (this.#size >= FULL && !end.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stop = () => resolve()
      this.#onRoom = stop
      end.addEventListener('abort', stop, { once: true })
      await promise
      end.removeEventListener('abort', stop)
    }
  }

  /** Takes the next chunk's worth; undefined when there is nothing. */
  take(): Parcel | undefined {
    const parcel = this.#parcels.shift()
    if (parcel) this.#size -= sizeOf(parcel.piece)
    this.#onRoom?.()
    this.#onRoom = undefined
    return parcel
  }
}

/** Pieces without token ids stay apart: each of them is counted. */
const mayJoin = (last: Parcel, next: Parcel): boolean =>
  last.piece.tokens.length > 0 &&
  next.piece.tokens.length > 0 &&
  last.piece.tokens.length + next.piece.tokens.length <= MOST_TOKENS &&
  !last.piece.embeddings &&
  !next.piece.embeddings

function join({ piece: last, tokens }: Parcel, { piece: next, tokens: more }: Parcel): Parcel {
  const alternatives = { topLogprobs: both(last.topLogprobs, next.topLogprobs) }
  const calls = { toolCalls: both(last.toolCalls, next.toolCalls) }
  const piece: Piece = {
    text: last.text + next.text,
    tokens: [...last.tokens, ...next.tokens],
    logprobs: [...last.logprobs, ...next.logprobs],
    ...(alternatives.topLogprobs && alternatives),
    ...(calls.toolCalls && calls),
  }
  return { piece, tokens: tokens + more }
}

const both = <Item>(one: Item[] | undefined, other: Item[] | undefined): Item[] | undefined =>
  one || other ? [...(one ?? []), ...(other ?? [])] : undefined

function sizeOf(piece: Pick<Chunk, 'text' | 'tokens' | 'topLogprobs' | 'toolCalls' | 'embeddings'>): number {
  const { text, tokens, topLogprobs, toolCalls, embeddings } = piece
  const rest =
    topLogprobs || toolCalls || embeddings ? JSON.stringify([topLogprobs, toolCalls, embeddings]).length : 0
  return text.length + 16 * tokens.length + rest
}
