import { slaNeverMs } from '@duckmesh/protocol'
import type { CheckedWindow } from '@duckmesh/sdk'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { integerArgument } from '../parseArgument.ts'

/** `duckmesh sla <provider>`: measured service of a provider; fails when no window holds. */
export const slaCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand(
    'sla <provider>',
    'show and check the measured service of a provider',
    io,
    finish,
    async ({ connect, output }, provider) => {
      const providerId = integerArgument('provider', provider!, 1, 2 ** 32 - 1)
      const client = await connect()
      const sla = await client.evidence.sla(providerId)
      output.document(sla)
      const { figures, tier, windows } = sla
      output.line(
        formatTable([
          ['tier', output.colours.bold(tier)],
          ['uptime', `${figures.uptimePpm / 10_000} % of ${figures.looks} looks`],
          ['jobs', `${figures.answers} answered, ${figures.errors} not`],
          ['answers', ([50, 95, 99] as const).map((p) => `p${p} ${timeOf(figures[`p${p}Ms`])}`).join(', ')],
          ['covers', `${sla.coveredSeconds} s`],
        ]),
      )
      output.line()
      output.line(formatTable([['from', 'until', 'uptime', 'jobs', 'holds'], ...windows.map(rowOf)]))
      output.line(`\nproves: ${sla.proves}\ndoes not prove: ${sla.doesNotProve}`)
      return windows.some(({ problems }) => problems.length === 0) ? exitCodes.ok : exitCodes.failed
    },
  )

const timeOf = (ms: number): string => (ms === slaNeverMs ? 'never' : `${ms} ms`)

const rowOf = ({ window, problems }: CheckedWindow): string[] => [
  ...[window.from, window.until].map((seconds) => new Date(seconds * 1_000).toISOString()),
  `${window.uptimePpm / 10_000} %`,
  String(window.answers + window.errors),
  problems.length === 0 ? 'yes' : problems.join('; '),
]
