import { DuckMeshError } from '@duckmesh/protocol'
import { Command, CommanderError } from 'commander'
import { balanceCommand } from './commands/balance.ts'
import { channelsCommand } from './commands/channels.ts'
import { depositCommand } from './commands/deposit.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evidenceCommand } from './commands/evidence.ts'
import { gatewayCommand } from './commands/gateway.ts'
import { jobCommand } from './commands/job.ts'
import { modelCommand } from './commands/model.ts'
import { ocrCommand } from './commands/ocr.ts'
import { proveCommand } from './commands/prove.ts'
import { proversCommand } from './commands/provers.ts'
import { providersCommand } from './commands/providers.ts'
import { runCommand } from './commands/run.ts'
import { slaCommand } from './commands/sla.ts'
import { taskCommand } from './commands/task.ts'
import { upCommand } from './commands/up.ts'
import { verifyCommand } from './commands/verify.ts'
import { withdrawCommand } from './commands/withdraw.ts'
import { exitCodeOf, exitCodes } from './exitCode.ts'
import type { Io } from './io.ts'
import { createOutput } from './output.ts'

/**
 * Runs one command line.
 * @param args without interpreter and script
 * @returns exit code, see `exitCodes`
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const isJson = args.includes('--json')
  let exitCode: number = exitCodes.ok
  const finish = (code: number) => {
    exitCode = code
  }
  const commands = [
    runCommand,
    ocrCommand,
    gatewayCommand,
    jobCommand,
    providersCommand,
    verifyCommand,
    doctorCommand,
  ]
  const money = [balanceCommand, depositCommand, withdrawCommand, channelsCommand]
  const proofs = [proveCommand, taskCommand, proversCommand, modelCommand]
  const evidence = [evidenceCommand, slaCommand]
  const program = new Command('duckmesh').description('Buy and verify answers on a DuckMesh')
  program.addCommand(upCommand(io, finish, args.slice(args.indexOf('up') + 1)))
  for (const command of [...commands, ...proofs, ...evidence, ...money])
    program.addCommand(command(io, finish))
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: io.stdout,
      // with --json the same text is in the one document
      writeErr: (text) => (isJson ? undefined : io.stderr(text)),
    })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return exitCodes.ok
      const error = new DuckMeshError('BAD_REQUEST', thrown.message, { argument: thrown.code })
      if (isJson) createOutput(io, true).error(error)
      return exitCodes.usage
    }
    const error = DuckMeshError.from(thrown)
    createOutput(io, isJson).error(error)
    return exitCodeOf(error)
  }
}
