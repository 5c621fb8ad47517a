import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  devIndex,
  devPrivateKey,
  freePort,
  readyOnMessage,
  type Service,
  startService,
} from '@duckmesh/local-chain'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { bringUp, crashPrograms, honestProviders, type TestMesh } from './bringUp.ts'
import { startFront } from './startFront.ts'

/** A mesh with two coordinators that share key and database, and one address in front of both. */
export type TwoCoordinators = {
  /** Its client and its providers use the address in front. */
  mesh: TestMesh
  /** Clients of each coordinator alone. */
  clients: [DuckMeshClient, DuckMeshClient]
  /** Both, as they run now. */
  services(): [Service, Service]
  /** Starts those that have ended. */
  restartDead(): Promise<void>
  end(): Promise<void>
}

/** Starts both at one moment, on a database without tables. */
export async function startTwoCoordinators(databaseUrl: string): Promise<TwoCoordinators> {
  const stateDir = await mkdtemp(join(tmpdir(), 'duckmesh-e2e-'))
  const secondPort = await freePort()
  const ports = [secondPort]
  const front = await startFront(ports)
  const env = { DATABASE_URL: databaseUrl, LEASE_MS: '3000', CAPACITY: '8', COORDINATOR_URL: front.url }
  const told = new Map<string, string>()
  const startSecond = () =>
    startService({
      name: 'coordinator 2',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', crashPrograms.coordinator],
      env: {
        ...env,
        RPC_URL: told.get('chain')!,
        MESH_ADDRESS: told.get('contracts')!,
        COORDINATOR_PRIVATE_KEY: devPrivateKey(devIndex.coordinator),
        DATA_DIR: join(stateDir, 'coordinator'),
        PORT: String(secondPort),
      },
      logFile: join(stateDir, 'logs', 'coordinator-2.log'),
      readyWhen: readyOnMessage('coordinator listening'),
      readyTimeoutMs: 60_000,
    })
  let starting: Promise<Service> | undefined
  const base = await bringUp({
    stateDir,
    providers: honestProviders(3),
    programs: crashPrograms,
    env,
    onStep: ({ name, isDone, detail }) => {
      if (detail) told.set(name, detail)
      if (name === 'coordinator' && isDone) ports.push(Number(new URL(detail!).port))
      if (name === 'coordinator' && !isDone) starting = startSecond()
    },
  })
  let second = await starting!
  const { rpcUrl, coordinatorUrl, buyerPrivateKey } = base.info
  const connect = (url: string) =>
    DuckMeshClient.connect({ coordinatorUrl: url, rpcUrl, account: privateKeyToAccount(buyerPrivateKey) })
  const services = (): [Service, Service] => [base.services.get('coordinator')!, second]
  return {
    mesh: { ...base, client: await connect(front.url) },
    clients: [await connect(coordinatorUrl), await connect(`http://127.0.0.1:${secondPort}`)],
    services,
    restartDead: async () => {
      const [first] = services()
      if (!first.isAlive()) await base.restart('coordinator')
      if (!second.isAlive()) second = await startSecond()
    },
    end: async () => {
      await second.kill()
      await base.end()
      await front.stop()
    },
  }
}
