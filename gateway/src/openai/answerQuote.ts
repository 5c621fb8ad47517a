import { quoteMenu } from '../menu/quote.ts'
import type { Call } from './call.ts'
import { findModel } from './models.ts'
import { quoteBodySchema, readQuote } from './quoteRequest.ts'

/** Answers `POST /v1/quote` with the menu. @throws DuckMeshError `UNKNOWN_MODEL`, `UNSUPPORTED_FIELD` */
export async function answerQuote({ gateway, request, response }: Call): Promise<void> {
  const body = quoteBodySchema.parse(request.body)
  const model = findModel(await gateway.buyer.models(), body.model, body.api)
  const menu = await quoteMenu(
    gateway,
    readQuote(body, model.profile.contextTokens),
    model,
    body.promptTokens,
  )
  response.json({ model: body.model, policy: model.policy, menu })
}
