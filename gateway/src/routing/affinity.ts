import { type ChatMessage, hashCanonical, type ProviderId, type StreamRequest } from '@duckmesh/protocol'
import { concat, type Hex, keccak256, zeroHash } from 'viem'

/** Characters of raw text that count as one step of a prefix. */
const BLOCK_CHARACTERS = 1_024
/** Prefixes that are remembered; the oldest are forgotten first. */
const MOST_PREFIXES = 4_096
/** Steps of one request that are looked at, from its end. */
const MOST_STEPS = 256

/**
 * Remembers who answered which beginning, since its engine may still have it warm: the next turn of a conversation starts
 * with all that was said before. In memory only, by hashes, so that no prompt is kept.
 */
export class PrefixAffinity {
  readonly #providers = new Map<Hex, ProviderId>()

  /** Who answered the longest known beginning of this request; undefined when nobody did. */
  find(request: StreamRequest): ProviderId | undefined {
    for (const prefix of prefixesOf(request).toReversed()) {
      const found = this.#providers.get(prefix)
      if (found !== undefined) return found
    }
    return undefined
  }

  note(request: StreamRequest, providerId: ProviderId): void {
    const last = prefixesOf(request).at(-1)
    if (last === undefined) return
    this.#providers.delete(last) // to the end of the order
    this.#providers.set(last, providerId)
    for (const oldest of this.#providers.keys()) {
      if (this.#providers.size <= MOST_PREFIXES) return
      this.#providers.delete(oldest)
    }
  }
}

/** Hashes of ever longer beginnings: a chain over messages, or over blocks of text. */
function prefixesOf(request: StreamRequest): Hex[] {
  if (request.api !== 'chat' && request.api !== 'completion') return []
  const steps: (ChatMessage | string)[] = request.api === 'chat' ? request.messages : blocksOf(request.prompt)
  let head: Hex = zeroHash
  return steps
    .map((step) => {
      head = keccak256(concat([head, hashCanonical(step)]))
      return head
    })
    .slice(-MOST_STEPS)
}

const blocksOf = (text: string): string[] =>
  Array.from({ length: Math.floor(text.length / BLOCK_CHARACTERS) }, (_, at) =>
    text.slice(at * BLOCK_CHARACTERS, (at + 1) * BLOCK_CHARACTERS),
  )
