import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startMesh } from '@duckmesh/infrastructure/mesh'
import type { Service } from '@duckmesh/local-chain'
import { parseDuck } from '@duckmesh/protocol'
import { DuckMeshClient } from '@duckmesh/sdk'
import { privateKeyToAccount } from 'viem/accounts'
import { startProgram, urlOf } from './startProgram.ts'

/** One way to an engine: where it is asked, and the processes that do the work. */
export type Side = { url: string; processes: Record<string, number> }

/**
 * Starts one model twice: behind a bare server, and in a provider of a local mesh with a gateway in front.
 * @param model known model
 */
export async function startSides(
  model: string,
): Promise<{ direct: Side; mesh: Side; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-gateway-bench-'))
  const services: Service[] = []
  const mesh = await startMesh({
    stateDir: folder,
    model,
    providers: [{ name: 'a', kind: 'honest' }],
    env: { STREAM_PER_CHANNEL: '128', STREAM_WAITING: '128', STREAM_TOKEN_DUCK: '0.000001' },
  })
  const stop = async () => {
    await Promise.all(services.map((service) => service.stop()))
    await mesh.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const { rpcUrl, coordinatorUrl, buyerPrivateKey } = mesh.info
    const account = privateKeyToAccount(buyerPrivateKey)
    const client = await DuckMeshClient.connect({ coordinatorUrl, rpcUrl, account })
    await client.deposit(parseDuck('100'))
    const key = `0x${'11'.repeat(32)}`
    const engine = await startProgram('directEngine.ts', folder, {
      RPC_URL: rpcUrl,
      COORDINATOR_URL: coordinatorUrl,
      MESH_ADDRESS: mesh.info.mesh,
      OWNER_PRIVATE_KEY: key,
      SIGNING_PRIVATE_KEY: key,
      DATA_DIR: folder,
      MODEL: model,
    })
    services.push(engine)
    const gateway = await startProgram('localGateway.ts', folder, { DUCKMESH_STATE_DIR: folder })
    services.push(gateway)
    const own = { client: process.pid }
    return {
      direct: { url: urlOf(engine), processes: { ...own, engine: engine.pid } },
      mesh: {
        url: urlOf(gateway, '/v1'),
        processes: { ...own, gateway: gateway.pid, node: mesh.services.get('a')!.pid },
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
