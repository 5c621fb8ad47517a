import { formatDuck, isTerminal, type JobStatus } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatOutcome } from '../formatOutcome.ts'
import { formatSkipped } from '../formatSkipped.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { jobIdArgument } from '../parseArgument.ts'

/** `duckmesh job <jobId>`: where a job is, how it came there, and who was passed over why. */
export const jobCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('job <jobId>', 'show where a job is', io, finish, async ({ connect, output }, jobId) => {
    const id = jobIdArgument(jobId!)
    const client = await connect()
    const status = await client.getJobStatus(id)
    output.document({ ...status, timeline: timelineOf(status) })
    const { order, state, round, outcome, skipped, transactions } = status
    output.line(
      formatTable([
        ['state', output.colours.bold(state)],
        ['round', String(round)],
        ['price', `${formatDuck(order.priceWei)} DUCK for ${order.seats} seats`],
        ['bond', `${formatDuck(order.bondWei)} DUCK a seat`],
        ['requester', order.requester],
      ]),
    )
    output.line()
    output.line(formatTable(timelineOf(status).map(({ afterMs, what }) => [`+${afterMs} ms`, what])))
    for (const { kind, hash } of transactions) output.line(`transaction  ${kind}  ${hash}`)
    if (outcome) output.line(`\n${formatOutcome(outcome)}`)
    if (skipped.length > 0) {
      output.line('\nnot taken:')
      output.line(formatSkipped(skipped, 2))
    }
    return exitCodes.ok
  })

/** What happened when, as far as the public status tells; milliseconds after the order came. */
function timelineOf(status: JobStatus): { afterMs: number; what: string }[] {
  const { createdAtMs, updatedAtMs, state } = status
  const moments = [
    { atMs: createdAtMs, what: 'received' },
    ...status.assignments.map(({ assignment }) => ({
      atMs: Math.max(createdAtMs, assignment.issuedAt * 1_000),
      what: `round ${assignment.round} assigned to ${assignment.seats.join(', ')}`,
    })),
    ...status.commitments.map(({ providerId, receivedAtMs }) => ({
      atMs: receivedAtMs,
      what: `provider ${providerId} committed`,
    })),
    ...status.openings.map(({ providerId, receivedAtMs }) => ({
      atMs: receivedAtMs,
      what: `provider ${providerId} opened`,
    })),
    ...(isTerminal(state) ? [{ atMs: updatedAtMs, what: state }] : []),
  ]
  return moments
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }) => ({ afterMs: Math.round(atMs - createdAtMs), what }))
}
