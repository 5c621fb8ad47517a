import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { TestMesh } from './bringUp.ts'

/** Runs the real command on this mesh. */
export async function runDuckmesh(
  { stateDir }: TestMesh,
  args: string[],
): Promise<{ code: number; stdout: string }> {
  const bin = fileURLToPath(new URL('../../sdk/cli/src/bin.ts', import.meta.url))
  const env = { PATH: process.env.PATH, DUCKMESH_STATE_DIR: stateDir }
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], { env, timeout: 120_000 }, (error, stdout) =>
      resolve({ code: Number(error?.code ?? 0), stdout }),
    )
  })
}
