import { DuckMeshError, formatDuck, type StreamRequest } from '@duckmesh/protocol'
import type { BuyerModel, StreamMode } from '../buyer.ts'
import type { Gateway } from '../gateway.ts'
import { guarantees, type MenuMode, menuModes } from './guarantees.ts'
import { redundantQuote } from './redundant.ts'
import { neverAvailable, type Reason } from './unavailable.ts'

/** One line of the menu. Amounts as DUCK for people and wei for programs. */
export type MenuLine = {
  verify: MenuMode
  isAvailable: boolean
  /** Why not, and what would have to change; who would not be asked, and why, when it is available. */
  why: unknown[]
  proves: string
  notProved: string
  /** Most that the request can cost, and what it is likely to cost; null when it is not available. */
  price: { ceilingDuck: string; ceilingWei: string; expectedDuck: string; expectedWei: string } | null
}

/** Share of `maxTokens` that answers use, and bytes of text that a token has, for what is likely. */
const USED_SHARE = { of: 2n }
const BYTES_PER_TOKEN = 4n

/**
 * The menu for one request: what each mode would cost, prove and not prove. Nothing is sent or promised.
 * @param promptTokens when the caller knows it; else it is guessed from the length of the prompt
 */
export const quoteMenu = (
  gateway: Gateway,
  request: StreamRequest,
  model: BuyerModel,
  promptTokens: number | undefined,
): Promise<MenuLine[]> =>
  Promise.all(menuModes.map((mode) => quoteLine(gateway, request, model, promptTokens, mode)))

async function quoteLine(
  gateway: Gateway,
  request: StreamRequest,
  model: BuyerModel,
  promptTokens: number | undefined,
  verify: MenuMode,
): Promise<MenuLine> {
  const missing = (why: unknown[]): MenuLine => ({
    verify,
    isAvailable: false,
    why,
    ...guarantees[verify],
    price: null,
  })
  const never = neverAvailable(verify)
  if (never) return missing([never])
  if (verify === 'redundant') {
    const privacy = gateway.defaults.route === 'relay' ? 'sealed' : 'open'
    const quote = await redundantQuote(gateway, request, model, privacy)
    if (!quote.isAvailable) return missing([reasonOf(quote)])
    return { ...missing([]), isAvailable: true, price: priceOf(quote.ceilingWei, quote.ceilingWei) }
  }
  try {
    const quote = await gateway.buyer.quote(request, {
      model: { policy: model.policy },
      mode: verify as StreamMode,
    })
    const { price, ceilingWei, why } = quote
    const expectedWei =
      price.requestWei +
      price.promptTokenWei * guessPromptTokens(request, promptTokens) +
      price.tokenWei * guessAnswerTokens(request)
    return {
      ...missing(why),
      isAvailable: true,
      price: priceOf(ceilingWei, expectedWei < ceilingWei ? expectedWei : ceilingWei),
    }
  } catch (thrown) {
    const error = DuckMeshError.from(thrown)
    if (error.code === 'INTERNAL') throw thrown
    const { skipped, why = skipped } = error.details
    const reason: Reason = { code: error.code, reason: error.message, fix: error.hint }
    return missing([reason, ...(Array.isArray(why) ? why : [])])
  }
}

const reasonOf = ({ code, reason, fix }: Reason): Reason => ({ code, reason, fix })

const priceOf = (ceilingWei: bigint, expectedWei: bigint): MenuLine['price'] => ({
  ceilingDuck: formatDuck(ceilingWei),
  ceilingWei: String(ceilingWei),
  expectedDuck: formatDuck(expectedWei),
  expectedWei: String(expectedWei),
})

function guessPromptTokens(request: StreamRequest, known: number | undefined): bigint {
  if (known !== undefined) return BigInt(known)
  const text =
    request.api === 'completion'
      ? request.prompt
      : request.api === 'chat'
        ? JSON.stringify(request.messages)
        : request.api === 'embedding'
          ? request.input.join('')
          : ''
  return BigInt(text.length) / BYTES_PER_TOKEN + 1n
}

const guessAnswerTokens = (request: StreamRequest): bigint =>
  'maxTokens' in request ? (BigInt(request.maxTokens) + 1n) / USED_SHARE.of : 0n
