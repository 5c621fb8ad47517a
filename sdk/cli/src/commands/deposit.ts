import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'
import { duckArgument } from '../parseArgument.ts'

/** `duckmesh deposit <duck>`: moves DUCK from the wallet into DuckMesh. */
export const depositCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('deposit <duck>', 'move DUCK into DuckMesh', io, finish, async ({ connect, output }, duck) => {
    const amountWei = duckArgument('amount', duck!)
    const client = await connect()
    const { transactions } = await client.deposit(amountWei)
    const { freeWei } = await client.getBalance()
    output.document({ amountWei, transactions, freeWei })
    output.line(`deposited ${formatDuck(amountWei)} DUCK; ${formatDuck(freeWei)} DUCK are free`)
    return exitCodes.ok
  })
