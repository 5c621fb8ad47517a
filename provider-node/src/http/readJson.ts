import { DuckMeshError } from '@duckmesh/protocol'
import express, { type RequestHandler } from 'express'

/** Deepest nesting of a body: chats and tool schemas stay far below, and readers that recurse survive it. */
const MOST_DEPTH = 64

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPENING = new Set([0x7b, 0x5b])
const CLOSING = new Set([0x7d, 0x5d])

/**
 * Reads a JSON body of strangers: bounded in size and in depth, whatever its content type says.
 * @param limitBytes size of the body
 */
export function readJson(limitBytes: number): RequestHandler[] {
  const read = express.raw({ limit: limitBytes, type: () => true })
  return [read, parseBody]
}

/** @throws DuckMeshError `BAD_REQUEST` for what is no JSON, or nested too deep */
const parseBody: RequestHandler = (request, _response, next) => {
  const body: unknown = request.body
  if (!Buffer.isBuffer(body)) throw new DuckMeshError('BAD_REQUEST', 'There is no body.')
  checkDepth(body)
  try {
    request.body = JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new DuckMeshError('BAD_REQUEST', 'The body is not JSON.', {}, { cause })
  }
  next()
}

/**
 * Refuses JSON that is nested too deep, before it is parsed.
 * @throws DuckMeshError `BAD_REQUEST`
 */
function checkDepth(body: Buffer): void {
  let depth = 0
  let isText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!
    if (isText) {
      if (byte === BACKSLASH) at += 1
      else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) isText = true
    else if (OPENING.has(byte)) {
      depth += 1
      if (depth > MOST_DEPTH) {
        throw new DuckMeshError('BAD_REQUEST', 'The body is nested too deep.', { mostDepth: MOST_DEPTH })
      }
    } else if (CLOSING.has(byte)) depth -= 1
  }
}
