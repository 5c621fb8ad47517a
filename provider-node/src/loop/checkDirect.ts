import { DuckMeshError, jobIdOf, rounds, type SubmitBody, verificationModes } from '@duckmesh/protocol'
import { isAddressEqual, zeroAddress } from 'viem'
import { LEAST_LEAD_SECONDS } from './check.ts'
import { checkOrderSignature } from './checkOrderSignature.ts'
import { checkTerms, outOfBounds } from './checkTerms.ts'
import type { LoopContext } from './context.ts'
import { reservedWei } from './reservedWei.ts'

/**
 * Checks a directed order before the node takes it.
 * @returns the job id and the latest block
 * @throws DuckMeshError `WRONG_CHAIN`, `UNSUPPORTED_MODE`, `NOT_A_SEAT` (directed to another provider), `WRONG_COORDINATOR`,
 * `JOB_NOT_FOUND` (not posted on chain), `WRONG_STAGE`, `ORDER_EXPIRED`, `INSUFFICIENT_FUNDS` or one of
 * `checkTerms` and `checkOrderSignature`
 */
export async function checkDirect(body: SubmitBody, context: LoopContext) {
  const { order, signature, request, domain } = body
  const { chain, config, journal, providerId } = context
  const { chainId, verifyingContract } = chain.domain
  if (domain.chainId !== chainId || !isAddressEqual(domain.verifyingContract, verifyingContract)) {
    const details = { have: domain, want: chain.domain }
    throw new DuckMeshError('WRONG_CHAIN', 'The order was signed for another deployment.', details)
  }
  if (!config.LANE_ONCHAIN) {
    throw new DuckMeshError('UNSUPPORTED_MODE', 'This node does not serve the on-chain lane.')
  }
  if (order.mode !== verificationModes.signed) {
    throw new DuckMeshError('UNSUPPORTED_MODE', 'Directed orders are of mode signed.', { mode: order.mode })
  }
  if (order.providerId !== providerId) {
    const details = { have: order.providerId, want: providerId }
    throw new DuckMeshError('NOT_A_SEAT', 'The order is directed to another provider.', details)
  }
  if (order.seats !== 1) throw outOfBounds('seats', order.seats, 1)
  // whoever is named here would draw the judges of a dispute
  const isTrusted = [zeroAddress, context.coordinatorAddress()].some(
    (trusted) => trusted && isAddressEqual(trusted, order.coordinator),
  )
  if (!isTrusted) {
    const details = { have: order.coordinator, want: context.coordinatorAddress() }
    throw new DuckMeshError(
      'WRONG_COORDINATOR',
      'The order names a coordinator that is not known here.',
      details,
    )
  }
  checkTerms(context, order, request, rounds.first)
  await checkOrderSignature(chain, order, signature)
  const jobId = jobIdOf(chain.domain, order)
  const [job, head, provider] = await Promise.all([
    chain.job(jobId),
    chain.head(),
    chain.provider(providerId),
  ])
  if (job.status === 'none') {
    throw new DuckMeshError('JOB_NOT_FOUND', 'The order is not posted on chain.', { jobId })
  }
  if (job.status !== 'open') {
    throw new DuckMeshError('WRONG_STAGE', 'The job is not open on chain.', { jobId, status: job.status })
  }
  if (head.nowSeconds + LEAST_LEAD_SECONDS > order.acceptBy) {
    const details = { acceptBy: order.acceptBy, now: head.nowSeconds }
    throw new DuckMeshError('ORDER_EXPIRED', 'There is no time left to accept this.', details)
  }
  const freeStakeWei = provider.stakedWei - provider.lockedWei - reservedWei(journal, jobId)
  if (freeStakeWei < order.bondWei) {
    const details = { neededWei: `${order.bondWei}`, freeWei: `${freeStakeWei}` }
    throw new DuckMeshError(
      'INSUFFICIENT_FUNDS',
      'The free stake of this node does not cover the bond.',
      details,
    )
  }
  return { jobId, blockNumber: head.number }
}
