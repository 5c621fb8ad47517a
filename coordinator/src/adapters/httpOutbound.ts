import { lookup } from 'node:dns'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { DuckMeshError } from '@duckmesh/protocol'
import { type Outbound, VIA } from '../ports/outbound.ts'
import { isPublicAddress } from './publicAddress.ts'

/**
 * Calls over HTTP and HTTPS. The address is checked when the connection is made and not before, so that a name that
 * changes its mind in between leads nowhere else. A connection serves one call.
 * @param parameters.allowPrivate whether loopback and private addresses are called: for a mesh on one machine
 */
export const createHttpOutbound = ({ allowPrivate }: { allowPrivate: boolean }): Outbound => ({
  post: async (url, body, authorization, { signal, idleMs }) => {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
    if (!isWeb || url.username || url.password)
      throw offline('The endpoint of the provider is no web address.')
    // names are checked by the lookup; an address given as such is never looked up
    if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host)) throw notPublic()
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        authorization,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        via: VIA,
      },
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    })
    request.setTimeout(idleMs, () => request.destroy(new Error(`silent for ${idleMs} ms`)))
    request.end(body)
    try {
      const [answer] = (await once(request, 'response')) as [IncomingMessage]
      const mediaType = (answer.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
      return { status: answer.statusCode ?? 0, mediaType, chunks: answer }
    } catch (cause) {
      throw cause instanceof DuckMeshError ? cause : offline('The provider does not answer.', cause)
    }
  },
})

/** Looks a name up and gives its addresses only when all of them are public. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0)
    const [first] = addresses
    if (!first || !addresses.every(({ address }) => isPublicAddress(address))) {
      return callback(notPublic(), '', 0)
    }
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}

const offline = (message: string, cause?: unknown): DuckMeshError =>
  new DuckMeshError('PROVIDER_OFFLINE', message, {}, { cause })

const notPublic = (): DuckMeshError => offline('The endpoint of the provider is not on the public internet.')
