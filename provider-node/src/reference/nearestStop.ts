import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { logitsPass, type PlaceLogits } from './llamaPasses.ts'

/** Tokens that a stop text may have beyond those given; a stop text has at most 256 characters. */
const MOST_STOP_TOKENS = 64
/** Ways that are looked at: an honest one is nearly always the first. */
const MOST_WAYS = 80
/** What is farther than this is far enough for any grade, nats. */
const FAR_NATS = 2
const REPLACEMENT = /\ufffd+$/
const LAST_ASCII = 0x7f

/** Tokens that a provider drew and did not give, since a stop text that they end lies wholly in them. */
export type WayToStop = { path: Token[]; distanceNats: number }

export type StopSearch = {
  /** Prompt and what was given. */
  history: readonly Token[]
  /** What is missing of a stop text, in each way in which the given text may go on to one. */
  rests: readonly string[]
  /** How far off the draw of a token is, nats, at a place that so many tokens of the way lead to. */
  distancesAt: (place: PlaceLogits, count: number) => (token: Token) => number
}

/**
 * The nearest way from a given answer to a stop text: the tokens that make what is missing of it, such that the farthest of
 * their draws is as near as can be. The end of an answer is judged by it like a token, so that a provider whose CPU rounds
 * a near tie to the stop text is not blamed for stopping there. Source: uniform-cost search (Dijkstra 1959).
 * @returns undefined when every way is farther than any grade asks for
 */
export async function nearestStop(
  model: LlamaModel,
  sequence: LlamaContextSequence,
  { history, rests, distancesAt }: StopSearch,
  signal: AbortSignal,
): Promise<WayToStop | undefined> {
  const texts = tokenTexts(model)
  const context = history.slice(-3)
  const open: WayToStop[] = [{ path: [], distanceNats: 0 }]
  for (let count = 0; count < MOST_WAYS; count += 1) {
    const way = takeNearest(open)
    if (!way) return undefined
    const made = model.detokenize(way.path, false, context)
    if (rests.some((rest) => made.startsWith(rest))) return way
    if (way.path.length === MOST_STOP_TOKENS) continue
    const left = leftOf(rests, made)
    const tokens = [...history, ...way.path]
    const [place] = await logitsPass(
      sequence,
      { tokens, from: tokens.length },
      () => 'all',
      (found) => found,
      signal,
    )
    const distanceOf = distancesAt(place!, way.path.length)
    for (const [id, text] of texts.entries()) {
      if (!mayFit(text, left)) continue
      const distanceNats = Math.max(way.distanceNats, distanceOf(id as Token))
      if (distanceNats > FAR_NATS) continue
      const path = [...way.path, id as Token]
      if (fits(model.detokenize(path, false, context), rests)) open.push({ path, distanceNats })
    }
  }
  return undefined
}

/**
 * What is missing of stop texts after a text: whole ones, and the rest of those that it ends with the beginning of.
 * @example restsOf('a\n', ['\n\n']) // ['\n\n', '\n']
 */
export function restsOf(text: string, stops: readonly string[]): string[] {
  return stops.flatMap((stop) =>
    Array.from({ length: stop.length }, (_, length) => length)
      .filter((length) => text.endsWith(stop.slice(0, length)))
      .map((length) => stop.slice(length)),
  )
}

function takeNearest(open: WayToStop[]): WayToStop | undefined {
  const least = open.reduce(
    (nearest, way, at) => (way.distanceNats < open[nearest]!.distanceNats ? at : nearest),
    0,
  )
  return open.splice(least, 1)[0]
}

const leftOf = (rests: readonly string[], made: string): string[] => {
  const whole = made.replace(REPLACEMENT, '')
  return rests.filter((rest) => rest.startsWith(whole)).map((rest) => rest.slice(whole.length))
}

/** Cheap: whether a token may make the beginning of what is left, or all of it and more. Bytes of a character may. */
const mayFit = (text: string, left: readonly string[]): boolean =>
  text !== '' &&
  left.some(
    (rest) =>
      rest.startsWith(text) ||
      text.startsWith(rest) ||
      (text.includes('\ufffd') && rest.charCodeAt(0) > LAST_ASCII),
  )

const fits = (made: string, rests: readonly string[]): boolean => {
  const whole = made.replace(REPLACEMENT, '')
  return rests.some((rest) => rest.startsWith(whole) || whole.startsWith(rest))
}

const known = new WeakMap<LlamaModel, string[]>()

/** Texts of all tokens inside a text, by id; those that make none are empty. */
function tokenTexts(model: LlamaModel): string[] {
  const found =
    known.get(model) ??
    Array.from({ length: model.fileInfo.metadata.tokenizer.ggml.tokens.length }, (_, id) =>
      model.isEogToken(id as Token) ? '' : model.detokenize([id as Token], false, model.tokenize('a')),
    )
  known.set(model, found)
  return found
}
