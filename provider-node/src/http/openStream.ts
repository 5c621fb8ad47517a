import { streamBodySchema } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import type { Streaming } from '../streaming/createStreaming.ts'
import { callerOf } from './caller.ts'
import { parse } from './parse.ts'
import { responseSink } from './responseSink.ts'

/** `POST /v1/streams`: begins a stream, or goes on with it. Errors come as JSON before the first event. */
export function openStream(streaming: Streaming): RequestHandler {
  return async (request, response) => {
    const body = parse(streamBodySchema, request.body)
    const account = await streaming.accountOf(body, callerOf(response))
    const join = await streaming.streams.open(body, account)
    await join(responseSink(response))
  }
}
