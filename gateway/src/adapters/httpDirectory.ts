import { coordinatorRoutes, providersSchema } from '@duckmesh/protocol'
import type { Directory } from '../ports/directory.ts'
import type { Fetch } from '../ports/fetch.ts'
import { callJson } from '../streams/http.ts'
import { undiciFetch } from './undiciFetch.ts'

/**
 * A coordinator over HTTP.
 * @param url origin of the coordinator
 * @param timeoutMs longest time for one answer
 */
export const httpDirectory = (url: string, timeoutMs = 5_000, fetch: Fetch = undiciFetch): Directory => ({
  relayUrl: url,
  providers: async () => {
    const call = { baseUrl: url, route: coordinatorRoutes.providers, timeoutMs, fetch }
    return (await callJson(call, providersSchema)).providers
  },
})
