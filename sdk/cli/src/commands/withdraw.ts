import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { addressArgument, duckArgument } from '../parseArgument.ts'

/** `duckmesh withdraw <duck>`: takes free DUCK out of DuckMesh. */
export const withdrawCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<{ to?: string }>(
    'withdraw <duck>',
    'take free DUCK out of DuckMesh',
    io,
    finish,
    async ({ connect, flags, output }, duck) => {
      const amountWei = duckArgument('amount', duck!)
      const to = flags.to === undefined ? undefined : addressArgument('--to', flags.to)
      const client = await connect()
      const transaction = await client.withdraw(amountWei, to)
      const { freeWei } = await client.getBalance()
      output.document({ amountWei, transactions: [transaction], freeWei })
      output.line(`withdrew ${formatDuck(amountWei)} DUCK; ${formatDuck(freeWei)} DUCK are free`)
      return exitCodes.ok
    },
  ).option('--to <address>', 'receiver (default: the account itself)')
