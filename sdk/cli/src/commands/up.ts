import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import { Command } from 'commander'
import type { Io } from '../io.ts'
import { findUp } from '../meshFile.ts'

/** `duckmesh up`: starts the local mesh of the checkout; flags go through to it, and so does its exit code. */
export function upCommand(io: Io, finish: (exitCode: number) => void, passedOn: readonly string[]): Command {
  return new Command('up')
    .description('start a local mesh, run one job and keep it running')
    .option('--once', 'stop after the job')
    .option('--json', 'one JSON document on stdout and nothing else')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const root = await checkoutRoot(io.cwd)
      const child = spawn(process.execPath, [join('scripts', 'tour.ts'), ...passedOn], {
        cwd: root,
        env: io.env as NodeJS.ProcessEnv,
        stdio: 'inherit',
      })
      // a terminal interrupts the whole group; whoever ends this process alone must end the mesh too
      io.signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
      finish(
        await new Promise<number>((resolve, reject) => {
          child.once('error', reject)
          child.once('exit', (code) => resolve(code ?? 1))
        }),
      )
    })
}

async function checkoutRoot(folder: string): Promise<string> {
  const isRoot = (text: string) => /"name":\s*"duckmesh"/.test(text)
  const found = await findUp(folder, 'package.json', isRoot)
  if (found) return dirname(found.path)
  throw new DuckMeshError('MESH_NOT_FOUND', `${folder} is not inside a DuckMesh checkout.`, { cwd: folder })
}
