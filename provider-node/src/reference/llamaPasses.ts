import type { ControlledEvaluateInputItem, LlamaContextSequence, Token } from 'node-llama-cpp'
import { samplerRules } from '../executors/profile.ts'

/** Tokens per engine call; also how long an abort may have to wait. */
const BATCH_TOKENS = 256
/** Places of one engine call whose whole vocabulary is fetched, which may be megabytes each. */
const WHOLE_AT_ONCE = 8

/** Logits of a place: the likeliest token, those asked for, and the sum of exp(logit − largest) over the vocabulary. */
export type PlaceLogits = { best: Token; logits: ReadonlyMap<Token, number>; weight: number }

/** A text whose tokens from `from` on are to be judged, each by the place before it. */
export type Passage = { tokens: readonly Token[]; from: number }

/**
 * Puts a text into an empty sequence and looks at the logits behind each place from the one before `from` on.
 *
 * `includeMax` of node-llama-cpp 3.22.1 never adds the largest logit; what the greedy sampler selects is just that one.
 * @param wanted ids whose logits are wanted after token `index`; 'all' for the vocabulary, which is slow
 * @param judge what to keep of a place; a whole vocabulary is let go right after it
 */
export async function logitsPass<Result>(
  sequence: LlamaContextSequence,
  { tokens, from }: Passage,
  wanted: (index: number) => readonly Token[] | 'all',
  judge: (place: PlaceLogits, index: number) => Result,
  signal: AbortSignal,
): Promise<Result[]> {
  const found: Result[] = []
  await sequence.clearHistory()
  for (let start = 0; start < tokens.length; ) {
    const batch: ControlledEvaluateInputItem[] = []
    for (
      let whole = 0;
      start + batch.length < tokens.length && batch.length < BATCH_TOKENS && whole < WHOLE_AT_ONCE;
    ) {
      const index = start + batch.length
      const ids = index < from - 1 ? [] : wanted(index)
      const logits = ids === 'all' ? true : ({ filter: { tokens: [...ids], includeSelected: true } } as const)
      const generateNext = { totalLogitWeight: true, logits, options: { temperature: 0 } }
      batch.push(index < from - 1 ? tokens[index]! : [tokens[index]!, { generateNext }])
      if (ids === 'all') whole += 1
    }
    for (const [offset, result] of (await sequence.controlledEvaluate(batch)).entries()) {
      if (!result) continue
      const { logits = new Map<Token, number>(), totalLogitWeight: weight = Number.NaN } = result.next
      const [best] = [...logits].reduce((most, entry) => (entry[1] > most[1] ? entry : most))
      found.push(judge({ best, logits, weight }, start + offset))
    }
    signal.throwIfAborted()
    start += batch.length
  }
  return found
}

/**
 * Puts the tokens from `from − 1` on into a sequence again and lets the engine's own seeded sampler draw after each of
 * them. In one call: the sampler lives no longer, and the n-th draw of the seed is for the n-th token.
 * @returns the draw after each place; null where the engine gave none
 */
export async function samplerPass(
  sequence: LlamaContextSequence,
  { tokens, from }: Passage,
  { temperature, topP, seed }: { temperature: number; topP: number; seed: number },
  signal: AbortSignal,
): Promise<(Token | null)[]> {
  const options = { ...samplerRules, temperature, topP, seed }
  await sequence.clearHistory()
  for (let start = 0; start < from - 1; start += BATCH_TOKENS) {
    await sequence.evaluateWithoutGeneratingNewTokens(
      tokens.slice(start, Math.min(start + BATCH_TOKENS, from - 1)),
    )
    signal.throwIfAborted()
  }
  const results = await sequence.controlledEvaluate(
    tokens.slice(from - 1).map((token) => [token, { generateNext: { token: true, options } }]),
  )
  signal.throwIfAborted()
  return results.map((result) => result?.next.token ?? null)
}
