import { formatDuck } from '@duckmesh/protocol'
import type { Command } from 'commander'
import { exitCodes } from '../exitCode.ts'
import { formatTable } from '../formatTable.ts'
import type { Io } from '../io.ts'
import { meshCommand } from '../meshCommand.ts'

/** `duckmesh provers`: who proves which circuits, for how much, and how well. */
export const proversCommand = (io: Io, finish: (exitCode: number) => void): Command =>
  meshCommand('provers', 'list provers and circuits', io, finish, async ({ connect, output }) => {
    const client = await connect()
    const { provers } = await client.getProvers()
    output.document({ provers })
    const { bold, dim, green } = output.colours
    output.line(
      formatTable([
        ['id', 'online', 'tasks', 'proofs', 'failures', 'reputation', 'privacy', 'circuits'].map(bold),
        ...provers.map((prover) => [
          String(prover.proverId),
          prover.isOnline ? green('yes') : dim('no'),
          `${prover.activeTasks}/${prover.capacity}`,
          String(prover.proofs),
          String(prover.failures),
          `${prover.reputationBps / 100} %`,
          prover.levels.join(' '),
          prover.circuits.map(({ name, priceWei }) => `${name} ${formatDuck(priceWei)} DUCK`).join(', '),
        ]),
      ]),
    )
    return exitCodes.ok
  })
