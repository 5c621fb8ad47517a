import { DuckMeshError, stringifyWire } from '@duckmesh/protocol'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Gateway } from '../gateway.ts'
import { errorMapper, notFound } from '../openai/errors.ts'
import { createOpenAiRouter } from '../openai/router.ts'

/** Names under which this machine reaches itself. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Refuses requests that name another host. A page of another site can point a name of its own at 127.0.0.1 and would
 * then share an origin with this gateway ("DNS rebinding"). It sends no CORS headers either: no page may read it.
 */
const ownNameOnly: RequestHandler = (request, _response, next) => {
  if (OWN_NAMES.has((request.headers.host ?? '').replace(/:\d+$/, ''))) next()
  else next(new DuckMeshError('FORBIDDEN', 'This gateway answers on its own machine alone.'))
}

/** The local gateway over HTTP: the OpenAI API at `/v1`, whether it runs at `/health`, where the money is at `/status`. */
export function createLocalApp(gateway: Gateway): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(helmet())
  app.use(ownNameOnly)
  app.use('/v1', createOpenAiRouter(gateway))
  app.get('/health', (_request, response) => {
    const { route, voucherKey } = gateway.buyer.identity()
    response.json({ status: 'ok', route, voucherKey })
  })
  app.get('/status', async (request, response) => {
    await gateway.admit(request.headers.authorization)
    const { buyer } = gateway
    const status = {
      ...buyer.identity(),
      health: buyer.health(),
      balance: await buyer.balance(),
      channels: buyer.channels(),
    }
    response.type('json').send(stringifyWire(status))
  })
  app.use(notFound)
  app.use(errorMapper(gateway))
  return app
}
