import { DuckMeshClient } from '@duckmesh/sdk'
import { Command } from 'commander'
import type { Io } from './io.ts'
import { createOutput, type Output } from './output.ts'
import { type MeshFlags, resolveSettings, type Settings } from './settings.ts'

/** What the action of a command works with. */
export type MeshSession<Flags> = {
  io: Io
  flags: Flags & MeshFlags
  output: Output
  /** Resolves the settings, see `resolveSettings`. */
  settings(): Promise<Settings>
  /** Connects to the mesh of the settings. */
  connect(): Promise<DuckMeshClient>
}

/** Action of a command: gives its exit code. */
export type MeshAction<Flags> = (session: MeshSession<Flags>, ...args: string[]) => Promise<number>

/**
 * Creates a command about a mesh, with the options that all of them have.
 * @param name with its arguments, e.g. `job <jobId>`
 * @param finish is told the exit code
 */
export function meshCommand<Flags>(
  name: string,
  description: string,
  io: Io,
  finish: (exitCode: number) => void,
  action: MeshAction<Flags>,
): Command {
  const [word, ...parameters] = name.split(' ')
  const command = new Command(word).description(description)
  for (const parameter of parameters) command.argument(parameter)
  return command
    .option('--json', 'one JSON document on stdout and nothing else')
    .option('--coordinator <url>', 'coordinator (DUCKMESH_COORDINATOR_URL)')
    .option('--rpc <url>', 'JSON-RPC endpoint of the chain (DUCKMESH_RPC_URL)')
    .option('--key-file <path>', 'file with the private key (else DUCKMESH_PRIVATE_KEY)')
    .action(async (...given: unknown[]) => {
      const flags = command.opts<Flags & MeshFlags>()
      const settings = () => resolveSettings(io, flags)
      const connect = async () => {
        const { coordinatorUrl, rpcUrl, account, mesh, evidenceAnchors, fromBlock } = await settings()
        return DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account, mesh, evidenceAnchors, fromBlock })
      }
      const output = createOutput(io, flags.json === true)
      const args = given.slice(0, parameters.length) as string[]
      finish(await action({ io, flags, output, settings, connect }, ...args))
    })
}
