import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { formatEther } from 'viem'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'

/** `duckmesh balance`: what the account owns. */
export const balanceCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('balance', 'show what the account owns', io, finish, async ({ connect, output }) => {
    const client = await connect()
    const balance = await client.getBalance()
    output.document(balance)
    output.line(
      formatTable([
        ['account', balance.account],
        ['free in DuckMesh', `${formatDuck(balance.freeWei)} DUCK`],
        ['in the wallet', `${formatDuck(balance.walletWei)} DUCK`],
        ['for gas', `${formatEther(balance.gasWei)} ETH`],
      ]),
    )
    return exitCodes.ok
  })
