import type { EvidenceBatches, EvidenceBody, JobId, ProviderId } from '@duckmesh/protocol'
import { type VerifiedEvidence, verifyEvidence } from '../actions/evidence/verifyEvidence.ts'
import { type VerifiedSla, verifySla } from '../actions/evidence/verifySla.ts'
import type { ClientContext } from './clientContext.ts'

/** The part of a client that is about evidence: what was executed, audited and measured, and anchored on chain. */
export class EvidenceClient {
  readonly #context: ClientContext

  constructor(context: ClientContext) {
    this.#context = context
  }

  /**
   * Fetches the evidence of a job or stream and checks all of it: signatures, payment, leaf and root on chain.
   * @throws DuckMeshError `NOT_FOUND`, `BAD_CONFIG`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`
   * @example const { ok, evidence } = await client.evidence.get(jobId)
   */
  get(jobId: JobId): Promise<VerifiedEvidence> {
    return verifyEvidence(this.#context, jobId)
  }

  /**
   * Measured service of a provider, recomputed from the samples of the windows that hold.
   * @throws DuckMeshError `NOT_FOUND`, `BAD_CONFIG`, `SERVICE_UNAVAILABLE`, `CHAIN_UNAVAILABLE`
   * @example const { tier, figures } = await client.evidence.sla(3)
   */
  sla(providerId: ProviderId): Promise<VerifiedSla> {
    return verifySla(this.#context, providerId)
  }

  /**
   * Latest batches of the coordinator; nothing in the list is verified.
   * @throws DuckMeshError `SERVICE_UNAVAILABLE`
   * @example const { batches } = await client.evidence.batches()
   */
  batches(): Promise<EvidenceBatches> {
    return this.#context.coordinator.evidenceBatches()
  }

  /**
   * Hands in a receipt with verdicts about it, so that they are anchored; what was known before stands.
   * @returns how many statements were new
   * @throws DuckMeshError `RECEIPT_INVALID`, `JOB_NOT_DONE`, `CHANNEL_UNKNOWN`, `EQUIVOCATION` and others
   * @example await client.evidence.submit({ receipt, paid: { by: 'order' }, verdicts: [] })
   */
  submit(body: EvidenceBody): Promise<{ taken: number }> {
    return this.#context.coordinator.submitEvidence(body)
  }
}
