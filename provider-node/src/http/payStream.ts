import { bytes32Schema, streamVoucherBodySchema } from '@duckmesh/protocol'
import type { RequestHandler } from 'express'
import type { Streaming } from '../streaming/createStreaming.ts'
import { callerOf } from './caller.ts'
import { sendJson } from './errors.ts'
import { parse } from './parse.ts'

/** `POST /v1/streams/:streamId/voucher`: answers with the books of the channel when the voucher is kept; a relay gets none. */
export function payStream({ isRelay, streams }: Streaming): RequestHandler {
  return async (request, response) => {
    const { voucher } = parse(streamVoucherBodySchema, request.body)
    const streamId = parse(bytes32Schema, request.params.streamId)
    const caller = callerOf(response)
    if (isRelay(caller)) {
      await streams.payByRelay(streamId, voucher)
      return sendJson(response, 200, { ok: true })
    }
    sendJson(response, 200, await streams.pay(streamId, voucher, caller))
  }
}
