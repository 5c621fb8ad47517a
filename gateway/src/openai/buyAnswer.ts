import { DuckMeshError, type StreamRequest } from '@duckmesh/protocol'
import type { BuyerEvent, BuyerModel, BuyerResult, StreamMode } from '../buyer.ts'
import type { AnswerFacts, Caller, Gateway, Hold } from '../gateway.ts'
import { redundantQuote } from '../menu/redundant.ts'
import { unavailable } from '../menu/unavailable.ts'
import type { Terms } from './extras.ts'

/** A request with its model and terms. */
export type Ask = { request: StreamRequest; model: BuyerModel; terms: Terms }

/** What is put aside for a request, as a multiple of its ceiling: room for one change of provider. */
const HOLD_CEILINGS = 2n

/**
 * Buys an answer on the terms of the request and keeps the books of the caller's money.
 * @param signal ends it; the iteration must then be followed to its end, which says what was used
 * @throws DuckMeshError `UNSUPPORTED_MODE` with `details.why`, what the buyer, the job or the till refused with
 */
export async function* buyAnswer(
  gateway: Gateway,
  { till }: Caller,
  ask: Ask,
  signal: AbortSignal,
): AsyncGenerator<BuyerEvent, BuyerResult, undefined> {
  const startedAtMs = gateway.nowMs()
  const offer = await chooseLane(gateway, ask, till !== undefined)
  const hold: Hold | undefined = till && (await till.hold(offer.maxPriceWei!))
  // whoever stops listening without an end has used at most all that was put aside
  let costWei = offer.maxPriceWei ?? 0n
  let facts: Pick<AnswerFacts, 'providers' | 'usage' | 'end'> = {
    providers: [],
    usage: nothing,
    end: 'CANCELLED',
  }
  try {
    const result = yield* offer.open(signal)
    const { providers, usage, finishReason: end } = result
    costWei = result.costWei
    facts = { providers, usage, end }
    return result
  } catch (thrown) {
    costWei = costOf(thrown)
    facts = { ...facts, end: DuckMeshError.from(thrown).code }
    throw thrown
  } finally {
    await hold?.settle(costWei)
    const { api } = ask.request
    const tookMs = gateway.nowMs() - startedAtMs
    gateway.onAnswer?.({
      api,
      model: ask.model.profile.name,
      verify: ask.terms.verify,
      costWei,
      tookMs,
      ...facts,
    })
  }
}

const nothing = { promptTokens: 0, completionTokens: 0 }

/** How an answer is bought: most that it costs, undefined for no limit, and the way to begin. */
type Lane = {
  maxPriceWei: bigint | undefined
  open(signal: AbortSignal): AsyncGenerator<BuyerEvent, BuyerResult, undefined>
}

async function chooseLane(gateway: Gateway, { request, model, terms }: Ask, isHeld: boolean): Promise<Lane> {
  const { verify, privacy, route, maxPriceWei } = terms
  const { policy } = model
  if (verify === 'redundant') {
    const quote = await redundantQuote(gateway, request, model, privacy)
    if (!quote.isAvailable) throw unavailable(verify, quote)
    const { ceilingWei } = quote
    if (maxPriceWei !== undefined && ceilingWei > maxPriceWei) {
      const message = `The seats cost ${ceilingWei} DUCK wei together, more than the highest price given.`
      throw new DuckMeshError('NO_PROVIDERS', message, { ceilingWei: String(ceilingWei) })
    }
    const { runner, completion } = quote
    return {
      maxPriceWei: ceilingWei,
      open: (signal) => runner.stream(completion, { policy, maxPriceWei: ceilingWei, signal }),
    }
  }
  if (verify === 'attested' || verify === 'proof') throw unavailable(verify)
  const mode: StreamMode = verify
  const how = { model: { policy }, mode, privacy, route }
  const heldWei = isHeld
    ? least(
        maxPriceWei,
        HOLD_CEILINGS * (await gateway.buyer.quote(request, { ...how, maxPriceWei })).ceilingWei,
      )
    : maxPriceWei
  return {
    maxPriceWei: heldWei,
    open: (signal) => gateway.buyer.stream(request, { ...how, maxPriceWei: heldWei, signal }),
  }
}

const least = (limitWei: bigint | undefined, wei: bigint): bigint =>
  limitWei !== undefined && limitWei < wei ? limitWei : wei

/** What an answer that failed has cost all the same: the error of a cut stream says so. */
export function costOf(thrown: unknown): bigint {
  const costWei = thrown instanceof DuckMeshError ? thrown.details.costWei : undefined
  return typeof costWei === 'string' || typeof costWei === 'bigint' ? BigInt(costWei) : 0n
}
