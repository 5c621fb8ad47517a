import { Agent, request } from 'undici'
import type { Fetch } from '../ports/fetch.ts'

/** Times are the business of whoever sends: each exchange has a signal. */
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

/**
 * `Fetch` over undici, below its web streams: it answers in about half the time of the built-in `fetch`, which is the
 * same client with web streams between socket and reader.
 */
export const undiciFetch: Fetch = async (url, { method, headers, body, signal }) => {
  const answer = await request(url, { method, headers, body: body ?? null, signal, dispatcher })
  answer.body.on('error', () => undefined) // whoever reads hears of it; after the last read it matters to nobody
  const { statusCode: status } = answer
  const get = (name: string) => {
    const value = answer.headers[name.toLowerCase()]
    return value === undefined ? null : [value].flat().join(', ')
  }
  return { ok: status >= 200 && status < 300, status, headers: { get }, body: answer.body }
}
