import { z } from 'zod'
import type { ReplayFacts } from './facts.ts'
import { joinChunks, type ReplayBody } from './replay.ts'

/**
 * What is wrong beyond rounding, on any machine.
 * - `unknown-token`: the model has no such token
 * - `end-token`: a token that ends answers, in the middle of one
 * - `text`: the text is not that of the tokens
 * - `prompt-tokens`: more or fewer tokens of the prompt than it has
 * - `length`: more tokens than asked for, or fewer at an end by length
 * - `tool-calls`: tool calls, or an end by them: engines that can be replayed make none
 */
export const replayFaults = [
  'unknown-token',
  'end-token',
  'text',
  'prompt-tokens',
  'length',
  'tool-calls',
] as const
export type ReplayFault = (typeof replayFaults)[number]

const nats = z.number().min(0)

/** Figures of a comparison, four decimals; their canonical hash is in the verdict. */
export const replayFiguresSchema = z.strictObject({
  /** Kernel class of the validator. */
  kernelClass: z.string().max(64),
  /** Tokens compared. */
  tokens: z.int().min(0),
  faults: z.array(z.enum(replayFaults)).max(replayFaults.length),
  /** Share of tokens that the validator would not have drawn; greedy: that are not the likeliest. */
  notDrawnShare: z.number().min(0).max(1),
  /** Largest `distanceNats` of a token. */
  largestDistanceNats: nats,
  /** Mean of `distanceNats` over all tokens. */
  meanDistanceNats: nats,
  /** Largest and mean |signed log-probability − the validator's|. */
  largestDeltaNats: nats,
  meanDeltaNats: nats,
  /** Distance of the end from the one that was due; 0 when it was, or when the answer did not end by itself. */
  endDistanceNats: nats,
})
export type ReplayFigures = z.output<typeof replayFiguresSchema>

/**
 * Compares an answer with what a validator's model says of it.
 * @returns figures that both sides compute alike from the same facts
 */
export function figuresOf(body: ReplayBody, facts: ReplayFacts): ReplayFigures {
  const given = joinChunks(body.chunks)
  const deltas = facts.tokens.map(({ logprob }, index) => Math.abs(logprob - given.logprobs[index]!))
  const distances = facts.tokens.map(({ distanceNats }) => distanceNats)
  const seen = distances.filter((distance) => distance !== null && distance > 0) as number[]
  const notDrawn = distances.filter((distance) => distance !== 0).length
  // those that were left out count as the mean of those that were looked at
  const total = seen.length > 0 ? (sum(seen) * notDrawn) / seen.length : 0
  const count = Math.max(1, facts.tokens.length)
  return {
    kernelClass: facts.kernelClass,
    tokens: facts.tokens.length,
    faults: faultsOf(body, facts, given),
    notDrawnShare: rounded(notDrawn / count),
    largestDistanceNats: rounded(largest(seen)),
    meanDistanceNats: rounded(total / count),
    largestDeltaNats: rounded(largest(deltas)),
    meanDeltaNats: rounded(sum(deltas) / count),
    endDistanceNats: rounded(body.finishReason === 'stop' ? (facts.endDistanceNats ?? 0) : 0),
  }
}

function faultsOf(
  { chunks, request, promptTokens, finishReason }: ReplayBody,
  facts: ReplayFacts,
  { tokens, text }: ReturnType<typeof joinChunks>,
): ReplayFault[] {
  const isUnknown = tokens.some((token) => token >= facts.vocabulary)
  const isShort = finishReason === 'length' && tokens.length < request.maxTokens
  const found: Record<ReplayFault, boolean> = {
    'unknown-token': isUnknown,
    'end-token': facts.endToken !== null,
    text: !isUnknown && text !== facts.text,
    'prompt-tokens': promptTokens !== facts.promptTokens,
    length: tokens.length > request.maxTokens || isShort,
    'tool-calls': finishReason === 'tool_calls' || chunks.some(({ toolCalls }) => toolCalls !== undefined),
  }
  return replayFaults.filter((fault) => found[fault])
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), 0)
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000
