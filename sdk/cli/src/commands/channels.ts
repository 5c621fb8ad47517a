import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import { closeChannels } from '../gateway/closeChannels.ts'
import { accountChannelRows, channelRows } from '../gateway/lines.ts'
import { openBuyer } from '../gateway/openBuyer.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'

/** `duckmesh channels`: where the money of the gateway is, and how it comes back. */
export const channelsCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand<{ close?: boolean; all?: boolean; stateDir?: string }>(
    'channels',
    'show the payment channels of the gateway, or close them',
    io,
    finish,
    async ({ flags, connect, settings, output }) => {
      const client = await connect()
      if (flags.all) {
        const channels = flags.close ? await client.exitChannels() : await client.getChannels()
        output.document({ heldWei: heldWeiOf(channels), channels })
        if (channels.length === 0) output.line('This account never opened a channel.')
        else output.line(formatTable(accountChannelRows(channels, Date.now())))
        return exitCodes.ok
      }
      const parameters = { io, settings: await settings(), client, stateDir: flags.stateDir }
      const channels = flags.close ? await closeChannels(parameters) : await readChannels(parameters)
      output.document({ heldWei: heldWeiOf(channels), channels })
      if (channels.length === 0) output.line('There are no channels.')
      else output.line(formatTable(channelRows(channels, Date.now())))
      return exitCodes.ok
    },
  )
    .option(
      '--all',
      'every channel of this account by the chain: of other gateways, and of a purse that was lost',
    )
    .option('--close', 'start to close all of them: what is not claimed comes back after the delay')
    .option('--state-dir <path>', 'folder of the purse (default: gateway, beside the mesh file)')

const heldWeiOf = (channels: readonly { fundedWei: bigint; claimedWei: bigint }[]): bigint =>
  channels.reduce((sum, { fundedWei, claimedWei }) => sum + fundedWei - claimedWei, 0n)

async function readChannels(parameters: Parameters<typeof openBuyer>[0]) {
  const buyer = await openBuyer(parameters)
  try {
    await buyer.balance()
    return buyer.channels()
  } finally {
    await buyer.close()
  }
}
