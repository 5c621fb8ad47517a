import { formatDuck, stringifyWire } from '@duckmesh/protocol'
import type { Request } from 'express'
import type { BuyerResult } from '../buyer.ts'
import type { Defaults } from '../gateway.ts'
import { guarantees, type MenuMode } from '../menu/guarantees.ts'
import type { StreamRoute } from '../streams/way.ts'
import { type Extras, extrasSchema } from './fields.ts'

/** How one request is to be bought. */
export type Terms = {
  verify: MenuMode
  privacy: 'open' | 'sealed'
  route: StreamRoute
  maxPriceWei: bigint | undefined
}

/**
 * Terms of a request: headers before the body, the body before the defaults of the gateway. The limit of the gateway
 * holds in any case.
 * @throws ZodError for a header that is not one
 */
export function readTerms(request: Request, body: Extras | undefined, defaults: Defaults): Terms {
  const header = (name: string) => request.header(`x-duckmesh-${name}`)
  const given = extrasSchema.parse({
    verify: header('verify'),
    maxPrice: header('max-price'),
    privacy: header('privacy'),
    route: header('route'),
  })
  const maxPriceWei = given.maxPrice ?? body?.maxPrice
  const route = given.route ?? body?.route ?? defaults.route
  const { maxPriceWei: limitWei } = defaults
  const isHigher = limitWei !== undefined && (maxPriceWei === undefined || maxPriceWei > limitWei)
  return {
    verify: given.verify ?? body?.verify ?? defaults.verify,
    privacy: route === 'relay' ? 'sealed' : (given.privacy ?? body?.privacy ?? defaults.privacy),
    route,
    maxPriceWei: isHigher ? limitWei : maxPriceWei,
  }
}

/**
 * What DuckMesh says about an answer: who gave it, how it is checked, what it cost, who was not taken and why. In wire
 * form: amounts in wei are decimal strings.
 * @param seed that was used; undefined where nothing is sampled
 */
export function extrasBody(
  { verify, privacy, route }: Terms,
  policy: string,
  seed: number | undefined,
  result: BuyerResult,
) {
  const { proves, notProved } = guarantees[verify]
  const body = {
    jobs: result.streamIds,
    providers: result.providers,
    /** Who gave which tokens: the headers can only name the first. */
    parts: result.parts.map(({ streamId, providerId, ...part }) => ({
      job: streamId,
      provider: providerId,
      ...part,
    })),
    policy,
    verification: { mode: verify, proves, notProved },
    privacy,
    route,
    finish: result.finishReason,
    /** Sent again with the same request and policy, it gives the same answer. */
    seed,
    costDuck: formatDuck(result.costWei),
    costWei: result.costWei,
    receipts: result.receipts,
    why: result.why,
  }
  return JSON.parse(stringifyWire(body)) as Record<string, unknown>
}
