import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { jobIdArgument } from '../parseArgument.ts'

/** `duckmesh task <taskId>`: where a proof task is, who tried it, and who was passed over why. */
export const taskCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand(
    'task <taskId>',
    'show where a proof task is',
    io,
    finish,
    async ({ connect, output }, taskId) => {
      const client = await connect()
      const task = await client.getTask(jobIdArgument(taskId!))
      output.document(task)
      output.line(
        formatTable([
          ['state', output.colours.bold(task.status)],
          ['circuit', task.circuit],
          ['price', `${formatDuck(task.order.priceWei)} DUCK`],
          ['privacy', String(task.privacyLevel)],
          ['requester', task.order.requester],
          ...(task.failure ? [['failure', task.failure]] : []),
        ]),
      )
      for (const { attempt, proverId, scoreBps, outcome, code } of task.attempts)
        output.line(
          `attempt ${attempt}  provider ${proverId}  score ${scoreBps / 100} %  ${outcome ?? 'under way'}${code ? `: ${code}` : ''}`,
        )
      if (task.skipped.length > 0) output.line('\nnot taken:')
      for (const { proverId, reason, fix } of task.skipped)
        output.line(`  provider ${proverId}  ${reason}  ${fix}`)
      return exitCodes.ok
    },
  )
