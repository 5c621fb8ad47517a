import type { ReplayBody, ReplayGrade } from '@duckmesh/protocol'

/** An answer whose grade is known, to test a validator. */
export type Trap = { body: ReplayBody; expected: Extract<ReplayGrade, 'accept' | 'reject'> }

/** What a trap is made with. */
export type TrapParts = {
  /** Never used before: gives the trap a stream id that no provider has a receipt for. */
  nonce: bigint
  /** Uniform in [0, 1): which tokens are changed. */
  random(): number
}

/**
 * Makes a trap of an answer that was accepted. A validator sees the same kind of body either way: a replay names no
 * provider and carries no receipt.
 * @param expected `accept`: the answer as it is, against validators that reject whatever comes; `reject`: with some of
 * its tokens in the place of others, against those that accept without a look
 */
export function trapOf(accepted: ReplayBody, expected: Trap['expected'], { nonce, random }: TrapParts): Trap {
  const body = { ...accepted, stream: { ...accepted.stream, nonce } }
  return expected === 'accept'
    ? { body, expected }
    : { body: { ...body, chunks: altered(body, random) }, expected }
}

/** Pairs of tokens that are swapped: one alone might do as well the other way round. */
const SWAPS = 3

/** Swaps neighbouring tokens with their texts; where no chunk holds a single token, spoils the text instead. */
function altered({ chunks }: ReplayBody, random: () => number): ReplayBody['chunks'] {
  const isSingle = (at: number) => chunks[at]?.tokens.length === 1 && chunks[at].text !== ''
  const pairs = chunks
    .map((_, at) => at)
    .filter((at) => isSingle(at) && isSingle(at + 1) && chunks[at]!.tokens[0] !== chunks[at + 1]!.tokens[0])
  if (pairs.length === 0) return chunks.map((chunk) => ({ ...chunk, text: `${chunk.text} ` }))
  const changed = [...chunks]
  for (let count = 0; count < SWAPS; count += 1) {
    const first = pairs[Math.floor(random() * pairs.length)]!
    const [one, two] = [changed[first]!, changed[first + 1]!]
    changed[first] = { ...two, index: first }
    changed[first + 1] = { ...one, index: first + 1 }
  }
  return changed
}
