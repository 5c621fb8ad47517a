import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type LocalMesh, type MeshOptions, startMesh } from '@duckmesh/infrastructure/mesh'
import { parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'

/** A mesh of real processes in a folder of its own, and a buyer with DUCK in it. */
export type TestMesh = LocalMesh & {
  client: DuckMeshClient
  stateDir: string
  /** Data folder of the coordinator or of a provider. */
  dataDirOf(name: string): string
  /** Notes a failed test, so that the folder with the logs stays. For `afterEach`. */
  note(test: object): void
  /** Ends every process, the ones that stand still too, and removes the folder unless a test failed. */
  end(): Promise<void>
}

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Programs that can be crashed at a stage; see `crash/crashPoint.ts`. */
export const crashPrograms = {
  coordinator: program('../crash/coordinator.ts'),
  provider: () => program('../crash/provider.ts'),
}

/** Providers of a mesh without cheats. */
export const honestProviders = (count: number) =>
  ['mallard', 'teal', 'eider', 'pintail'].slice(0, count).map((name) => ({ name, kind: 'honest' as const }))

/** Brings up a mesh with the smallest model and short watches, and deposits DUCK for its buyer. */
export async function bringUp(options: Partial<MeshOptions> = {}): Promise<TestMesh> {
  const stateDir = options.stateDir ?? (await mkdtemp(join(tmpdir(), 'duckmesh-e2e-')))
  const env = { WATCH_MS: '500', HEARTBEAT_MS: '1000', ...options.env }
  const mesh = await startMesh({ model: 'duck1m', ...options, stateDir, env })
  const { coordinatorUrl, rpcUrl, buyerPrivateKey } = mesh.info
  const account = privateKeyToAccount(buyerPrivateKey)
  let hasFailed = false
  const end = async () => {
    for (const { pid, isAlive } of mesh.services.values()) if (isAlive()) process.kill(pid, 'SIGCONT')
    await mesh.stop()
    if (hasFailed) console.error(`logs of the failed test: ${join(stateDir, 'logs')}`)
    else await rm(stateDir, { recursive: true, force: true })
  }
  try {
    const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
    await client.deposit(parseDuck('1000'))
    return {
      ...mesh,
      client,
      stateDir,
      dataDirOf: (name) => join(stateDir, ...(name === 'coordinator' ? [name] : ['nodes', name])),
      note: (test) => {
        hasFailed ||= Reflect.get(test, 'passed') === false
      },
      end,
    }
  } catch (error) {
    await end()
    throw error
  }
}
