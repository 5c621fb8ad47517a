import { bytes32Schema } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import type { Streaming } from '../streaming/createStreaming.ts'
import { callerOf } from './caller.ts'
import { sendJson } from './errors.ts'
import { parse } from './parse.ts'

/** `GET /v1/channels/:channelId`: what this provider has written down about a channel, for its payer. */
export function channelBooks({ streams }: Streaming): RequestHandler {
  return (request, response) => {
    sendJson(
      response,
      200,
      streams.channel(parse(bytes32Schema, request.params.channelId), callerOf(response)),
    )
  }
}
