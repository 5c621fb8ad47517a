import { coordinatorRoutes, type EvidenceBody, evidenceTakenSchema } from '@duckmesh/protocol'
import type { Fetch } from '../ports/fetch.ts'
import { callJson } from '../streams/http.ts'
import { undiciFetch } from './undiciFetch.ts'

/**
 * Hands evidence to a coordinator over HTTP; told twice it is kept once.
 * @param url origin of the coordinator
 * @param timeoutMs longest time for one answer
 */
export const httpEvidence =
  (url: string, timeoutMs = 5_000, fetch: Fetch = undiciFetch) =>
  (body: EvidenceBody): Promise<{ taken: number }> =>
    callJson(
      { baseUrl: url, route: coordinatorRoutes.submitEvidence, body, timeoutMs, fetch },
      evidenceTakenSchema,
    )
