import {
  type AnchoredBatch,
  DuckMeshError,
  type EvidenceBatches,
  type EvidenceBatchFile,
  type EvidenceOfJob,
  type JobId,
  type PlacedEvidence,
  type ProviderId,
  type ProviderSla,
} from '@duckmesh/protocol'
import type { Address } from 'viem'
import type { Container } from '../../container.ts'
import type { BatchRecord, EvidenceRecord } from '../../ports/evidenceStore.ts'

/** Windows of service that are shown. */
const MOST_WINDOWS = 24
/** Batches that are listed. */
const MOST_BATCHES = 100

/**
 * Address of EvidenceAnchors.
 * @throws DuckMeshError `NOT_FOUND` when this coordinator keeps no evidence
 */
export function requireAnchors({ config }: Container): Address {
  if (config.EVIDENCE_ANCHORS_ADDRESS) return config.EVIDENCE_ANCHORS_ADDRESS as Address
  throw new DuckMeshError('NOT_FOUND', 'This coordinator keeps no evidence.')
}

/**
 * Everything that is known of a job, each piece with its way to the chain.
 * @throws DuckMeshError `NOT_FOUND` when there is nothing
 */
export async function evidenceOfJob(container: Container, jobId: JobId): Promise<EvidenceOfJob> {
  requireAnchors(container)
  const records = await container.store.evidenceOf(jobId)
  if (records.length === 0) {
    throw new DuckMeshError('NOT_FOUND', `There is no evidence of ${jobId} here, or not yet.`, { jobId })
  }
  return { jobId, items: await placed(container, records) }
}

/** Latest measurements of a provider. @throws DuckMeshError `NOT_FOUND` when this coordinator keeps no evidence */
export async function slaOfProvider(container: Container, providerId: ProviderId): Promise<ProviderSla> {
  requireAnchors(container)
  const records = await container.store.slaOf(providerId, MOST_WINDOWS)
  return { providerId, windows: (await placed(container, records)) as ProviderSla['windows'] }
}

/** Latest batches. */
export async function listBatches({ store, signer, config }: Container): Promise<EvidenceBatches> {
  const batches = await store.batches(MOST_BATCHES)
  const anchors = (config.EVIDENCE_ANCHORS_ADDRESS as Address | undefined) ?? null
  return { anchors, batches: batches.map((record) => toAnchored(record, signer.address)) }
}

/** All items of a batch. @throws DuckMeshError `NOT_FOUND` */
export async function batchFile({ store, signer }: Container, sequence: number): Promise<EvidenceBatchFile> {
  const record = await store.batchAt(sequence)
  if (!record) throw new DuckMeshError('NOT_FOUND', `There is no batch ${sequence}.`, { sequence })
  return { ...toAnchored(record, signer.address), items: await store.itemsOf(sequence) }
}

async function placed(
  { store, signer }: Container,
  records: readonly EvidenceRecord[],
): Promise<PlacedEvidence[]> {
  const sequences = [...new Set(records.flatMap(({ place }) => (place ? [place.sequence] : [])))]
  const found = await Promise.all(sequences.map((sequence) => store.batchAt(sequence)))
  const batches = new Map(found.flatMap((record) => (record ? [[record.sequence, record]] : [])))
  return records.map(({ item, place }) => {
    // one that was taken apart meanwhile is not there: its items wait again
    const record = place && batches.get(place.sequence)
    if (!record) return { item, inclusion: null }
    const { index, path } = place
    return { item, inclusion: { ...toAnchored(record, signer.address), index, path } }
  })
}

const toAnchored = (record: BatchRecord, anchorer: Address): AnchoredBatch => ({ anchorer, ...record })
