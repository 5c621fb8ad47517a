import {
  assignmentTypedData,
  auditAssignment,
  hashCanonical,
  jobIdOf,
  type OnchainStatus,
  recover,
} from '@duckmesh/protocol'
import { isAddressEqual } from 'viem'
import type { CheckList } from './check.ts'
import { type JobEvidence, seatingOf } from './jobEvidence.ts'

/** On-chain status that belongs to each state in which a redundant job ends. */
const FINAL_STATUS: Partial<Record<string, OnchainStatus>> = {
  settled: 'paid',
  refunded: 'refunded',
  expired: 'none',
}

/** Checks who ordered what, and that the seats are the ones that the rules of the draw give. */
export async function orderChecks(list: CheckList, evidence: JobEvidence): Promise<void> {
  const { domain, status, chain, request } = evidence
  const { order, jobId } = status
  const digest = jobIdOf(domain, order)
  list.add(
    'order-digest',
    digest === jobId ? [] : [`the order hashes to ${digest}`],
    `the order hashes to ${jobId}`,
  )
  const unsigned = evidence.isOrderSigned ? [] : [`the order is not signed by ${order.requester}`]
  list.add('order-signature', unsigned, `signed by ${order.requester}`)
  if (request) {
    const differs = hashCanonical(request) === order.inputHash ? [] : ['the order names another request']
    list.add('request', differs, 'the order names the request that was sent')
  }
  await assignmentChecks(list, evidence)
  const wanted = FINAL_STATUS[status.state]
  const clash = wanted && wanted !== chain.status ? [`${status.state} here, ${chain.status} on chain`] : []
  list.add('chain-status', clash, `${status.state} here, ${chain.status} on chain`)
}

async function assignmentChecks(list: CheckList, { domain, status, chain }: JobEvidence): Promise<void> {
  const forged: string[] = []
  const wrong: string[] = []
  for (const { assignment, signature, record } of status.assignments) {
    const name = `round ${assignment.round}`
    const signer = await recover({ ...assignmentTypedData(domain, assignment), signature })
    const isSigned = signer !== undefined && isAddressEqual(signer, status.order.coordinator)
    if (!isSigned || assignment.jobId !== status.jobId)
      forged.push(`${name} is not signed by the coordinator`)
    const failed = auditAssignment(status.order, assignment, record)
    if (failed.length > 0) wrong.push(`${name}: ${failed.join(', ')}`)
  }
  const count = status.assignments.length
  list.add('assignment-signatures', forged, `${count} signed by ${status.order.coordinator}`)
  list.add('assignment-draws', wrong, `${count} recomputed from the VRF proof and the candidates`)
  const seated = chain.rounds.flatMap(({ round, seats }) => {
    const told = seatingOf(status, round)?.assignment.seats ?? []
    return told.join() === seats.join()
      ? []
      : [`round ${round}: ${told.join()} told, ${seats.join()} on chain`]
  })
  list.add('seats', seated, `the seats on chain are the assigned ones (${chain.rounds.length} rounds)`)
}
