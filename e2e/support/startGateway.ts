import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type LocalMesh, type ProviderSpec, startMesh } from '@duckmesh/infrastructure/mesh'
import { parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { until } from './until.ts'

const bin = fileURLToPath(new URL('../../sdk/cli/src/bin.ts', import.meta.url))

/** Runs the real command in a mesh's folder. */
function duckmesh(stateDir: string, args: string[]) {
  const env = { ...process.env, DUCKMESH_STATE_DIR: stateDir }
  const flags = ['--disable-warning=ExperimentalWarning', bin, ...args]
  const child: ChildProcess = spawn(process.execPath, flags, {
    cwd: tmpdir(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.on('data', (text) => {
      said[name] += text
    })
  }
  const ended = once(child, 'close').then(([code]) => code as number)
  return { child, said, ended }
}

/**
 * A mesh with honest providers, a buyer with money, and the gateway command of that buyer.
 * @param env settings of coordinator and providers
 */
export async function startGatewayMesh(
  providers: (string | Omit<ProviderSpec, 'kind'>)[],
  env: Record<string, string> = {},
) {
  const stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-gateway-'))
  const mesh: LocalMesh = await startMesh({
    stateDir,
    providers: providers.map((given) => ({
      ...(typeof given === 'string' ? { name: given } : given),
      kind: 'honest',
    })),
    env,
  })
  const { rpcUrl, coordinatorUrl, buyerPrivateKey } = mesh.info
  const account = privateKeyToAccount(buyerPrivateKey)
  const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
  await client.deposit(parseDuck('100'))
  const running = new Set<ReturnType<typeof duckmesh>>()
  return {
    mesh,
    client,
    stateDir,
    /** Starts `duckmesh gateway`. */
    start: async (...flags: string[]) => {
      const run = duckmesh(stateDir, ['gateway', '--port', '0', '--json', ...flags])
      running.add(run)
      await until(
        'the gateway is up',
        () => run.said.stdout.endsWith('}\n') || run.child.exitCode !== null,
        30_000,
      )
      const { baseUrl } = JSON.parse(run.said.stdout) as { baseUrl: string }
      return {
        baseUrl,
        said: run.said,
        kill: async () => {
          run.child.kill('SIGKILL')
          await run.ended
        },
        /** Interrupts it and gives its exit code. */
        stop: async () => {
          run.child.kill('SIGINT')
          const code = await run.ended
          running.delete(run)
          return code
        },
      }
    },
    /** Runs another command to its end and parses its document. */
    run: async (...args: string[]) => {
      const { said, ended } = duckmesh(stateDir, [...args, '--json'])
      // biome-ignore lint/suspicious/noExplicitAny: the test asserts what is in it
      return { code: await ended, value: JSON.parse(said.stdout) as any, stderr: said.stderr }
    },
    end: async () => {
      for (const { child, ended } of running) {
        child.kill('SIGKILL')
        await ended
      }
      await mesh.stop()
      await rm(stateDir, { recursive: true, force: true })
    },
  }
}

export type GatewayMesh = Awaited<ReturnType<typeof startGatewayMesh>>
