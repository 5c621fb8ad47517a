import { providerIdOfEvidence } from '@duckmesh/protocol'
import type { CheckedEvidence } from '@duckmesh/sdk'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatChecks } from '../formatChecks.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import type { Output } from '../output.ts'
import { jobIdArgument } from '../parseArgument.ts'

/** `duckmesh evidence <jobId>`: checks what was anchored about a job; fails when anything does not hold or waits. */
export const evidenceCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand(
    'evidence <jobId>',
    'check what is anchored on chain about a job',
    io,
    finish,
    async ({ connect, output }, jobId) => {
      const id = jobIdArgument(jobId!)
      const client = await connect()
      const verified = await client.evidence.get(id)
      output.document(verified)
      for (const checked of verified.evidence) writeEvidence(checked, output)
      const held = verified.evidence.filter(({ ok }) => ok).length
      output.line(`${held} of ${verified.evidence.length} pieces of evidence hold`)
      return verified.ok ? exitCodes.ok : exitCodes.failed
    },
  )

function writeEvidence(checked: CheckedEvidence, output: Output): void {
  const { item, checks, anchor, ok, proves, doesNotProve } = checked
  const who = `${item.kind === 'audit' ? 'validator' : 'provider'} ${providerIdOfEvidence(item)}`
  output.line(output.colours.bold(`${item.kind} by ${who}`))
  output.line(formatChecks(checks, output))
  if (anchor) output.line(`anchored in transaction ${anchor.transaction}, block ${anchor.block}`)
  if (ok) output.line(`proves: ${proves}\ndoes not prove: ${doesNotProve}`)
  output.line()
}
