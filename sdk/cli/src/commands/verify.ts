import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatChecks } from '../formatChecks.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { jobIdArgument } from '../parseArgument.ts'

/** `duckmesh verify <jobId>`: audits a job from public data; fails when any check does. */
export const verifyCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand(
    'verify <jobId>',
    'audit a job from public data',
    io,
    finish,
    async ({ connect, output }, jobId) => {
      const id = jobIdArgument(jobId!)
      const client = await connect()
      const audit = await client.verifyJob(id)
      output.document(audit)
      output.line(formatChecks(audit.checks, output))
      const held = audit.checks.filter((check) => check.ok).length
      output.line(`\n${held} of ${audit.checks.length} checks hold; the job is ${audit.state}`)
      return audit.ok ? exitCodes.ok : exitCodes.failed
    },
  )
