import { DuckMeshError, hashCanonical, type JobId, type JobResult, type ProviderId } from '@duckmesh/protocol'
import { readJobOnChain } from '../../chain/jobOnChain.ts'
import { readMesh } from '../../chain/readMesh.ts'
import type { ClientContext } from '../../clients/clientContext.ts'
import { providerEndpoint } from '../providers/providerEndpoint.ts'
import { fetchDelivery } from './fetchDelivery.ts'

/**
 * The answer of a redundant job from the nodes that were paid for it. A coordinator that was away while the seats
 * closed the job on chain by themselves has none.
 * @returns the answer with the receipts of the nodes that could be reached; undefined when none has it
 * @throws DuckMeshError `CHAIN_UNAVAILABLE`
 */
export async function answerFromSeats(context: ClientContext, jobId: JobId): Promise<JobResult | undefined> {
  const { outcome } = await readJobOnChain(context, jobId)
  const outputHash = outcome?.outputHash
  if (!outcome || !outputHash) return undefined
  const asked = await Promise.allSettled(
    outcome.paid.map(({ providerId }) => askSeat(context, jobId, providerId)),
  )
  const given = asked
    .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    .filter(({ result }) => hashCanonical(result) === outputHash)
  const [first] = given
  return first && { jobId, outputHash, result: first.result, receipts: given.map(({ receipt }) => receipt) }
}

async function askSeat(context: ClientContext, jobId: JobId, providerId: ProviderId) {
  const [endpoint, { signingKey }] = await Promise.all([
    providerEndpoint(context, providerId),
    readMesh(context, 'providerOf', [providerId]),
  ])
  const delivery = await fetchDelivery(context, { jobId, endpoint, audience: signingKey })
  if (delivery.receipt.receipt.providerId === providerId) return delivery
  throw new DuckMeshError('RECEIPT_UNVERIFIED', 'The node gave the receipt of another one.', { providerId })
}
