import { randomUUID } from 'node:crypto'
import { DuckMeshError, limits, type StreamApi, stringifyWire } from '@duckmesh/protocol'
import express, { type Request, type Response, Router } from 'express'
import type { z } from 'zod'
import { defaultTimes, type Gateway } from '../gateway.ts'
import { answerEmbedding } from './answerEmbedding.ts'
import { answerQuote } from './answerQuote.ts'
import { answerText } from './answerText.ts'
import type { Call } from './call.ts'
import { chatBodySchema, readChat } from './chatRequest.ts'
import { createChatShape } from './chatShape.ts'
import { completionBodySchema, readCompletion } from './completionRequest.ts'
import { createCompletionShape } from './completionShape.ts'
import { embeddingBodySchema, readEmbedding } from './embeddingRequest.ts'
import { errorMapper, notFound, requireJson } from './errors.ts'
import { readTerms } from './extras.ts'
import type { Extras } from './fields.ts'
import { readImage } from './imageRequest.ts'
import { findModel, modelBody } from './models.ts'
import { beginLife } from './requestLife.ts'
import { SEEDS } from './sampling.ts'

/** Requests that run at once; more are refused, so that those that run are not slowed down without end. */
const MAX_OPEN = 2_048

/**
 * The OpenAI API over a gateway: chat completions, completions, embeddings and models, and the menu at `/quote`. What it
 * refuses has the error form of that API.
 * @example app.use('/v1', createOpenAiRouter(gateway))
 */
export function createOpenAiRouter(gateway: Gateway): Router {
  const router = Router()
  const handle = limitOpen(gateway)
  router.use((_request, response, next) => {
    response.setHeader('x-request-id', randomUUID())
    next()
  })
  // before the body is read: whoever may not call cannot make the gateway take in megabytes
  router.use(async (request, response, next) => {
    response.locals.caller = await gateway.admit(request.headers.authorization)
    next()
  })
  const json = express.json({ limit: limits.maxStreamBodyBytes, type: 'application/json' })
  const post = (path: string, handler: Handler) => router.post(path, requireJson, json, handle(handler))

  post('/chat/completions', async (call) => {
    const body = chatBodySchema.parse(call.request.body)
    const image = readImage(body)
    const { model, terms } = await findTerms(call, body, image?.api ?? 'chat')
    const request = image ?? readChat(body, model.profile.contextTokens, drawSeed(gateway))
    await answerText(call, { request, model, terms }, createChatShape(body.logprobs === true), wishOf(body))
  })
  post('/completions', async (call) => {
    const body = completionBodySchema.parse(call.request.body)
    const { model, terms } = await findTerms(call, body, 'completion')
    const request = readCompletion(body, drawSeed(gateway))
    const shape = createCompletionShape(typeof body.logprobs === 'number', body.echo ? request.prompt : '')
    await answerText(call, { request, model, terms }, shape, wishOf(body))
  })
  post('/embeddings', async (call) => {
    const body = embeddingBodySchema.parse(call.request.body)
    const { model, terms } = await findTerms(call, body, 'embedding')
    await answerEmbedding(call, { request: readEmbedding(body), model, terms }, body)
  })
  post('/quote', answerQuote)
  router.get(
    '/models',
    handle(async ({ response }) => {
      const models = await gateway.buyer.models()
      const data = models.map((model) => modelBody(models, model))
      response.type('json').send(stringifyWire({ object: 'list', data }))
    }),
  )
  router.get(
    '/models/*name', // names may have slashes
    handle(async ({ request, response }) => {
      const models = await gateway.buyer.models()
      const name = [request.params.name].flat().join('/')
      response.type('json').send(stringifyWire(modelBody(models, findModel(models, name))))
    }),
  )
  router.use(notFound)
  router.use(errorMapper(gateway))
  return router
}

type Handler = (call: Call) => Promise<void>

function limitOpen(gateway: Gateway) {
  const { requestMs } = gateway.times ?? defaultTimes
  let open = 0
  return (handler: Handler) => async (request: Request, response: Response) => {
    if (open >= MAX_OPEN) {
      throw new DuckMeshError('RATE_LIMITED', `${MAX_OPEN} requests run already.`, { retryAfterMs: 1_000 })
    }
    open++
    const life = beginLife(response, gateway.stopping, requestMs)
    try {
      await handler({ gateway, caller: response.locals.caller, request, response, life })
    } finally {
      open--
      life.done()
    }
  }
}

async function findTerms(
  { gateway, request }: Call,
  body: { model: string; duckmesh?: Extras | undefined },
  api: StreamApi,
) {
  const terms = readTerms(request, body.duckmesh, gateway.defaults)
  return { terms, model: findModel(await gateway.buyer.models(), body.model, api) }
}

const drawSeed = (gateway: Gateway) => () => gateway.randomBelow(SEEDS)

const wishOf = ({
  model,
  stream,
  stream_options,
}: Pick<z.output<typeof chatBodySchema>, 'model' | 'stream' | 'stream_options'>) => ({
  model,
  isStream: stream === true,
  includeUsage: stream_options?.include_usage === true,
})
