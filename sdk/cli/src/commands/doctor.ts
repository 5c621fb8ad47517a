import type { Command } from 'commander'
import { diagnose } from '../doctor/diagnose.ts'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'

/** `duckmesh doctor`: checks everything that a job needs, with a fix for each failure. */
export const doctorCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('doctor', 'check everything that a job needs', io, finish, async ({ settings, output }) => {
    const findings = await diagnose(settings)
    const ok = findings.every((finding) => finding.status === 'ok')
    output.document({ ok, checks: findings })
    const { green, red, dim } = output.colours
    const words = { ok: green('ok'), failed: red('FAILED'), skipped: dim('skipped') }
    output.line(formatTable(findings.map(({ name, status, detail }) => [words[status], name, detail])))
    const fixes = findings.filter((finding) => finding.fix !== null)
    if (fixes.length > 0) output.line('\nto do:')
    for (const { name, fix } of fixes) output.line(`  ${name}: ${fix}`)
    return ok ? exitCodes.ok : exitCodes.failed
  })
