import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAnvil } from '@duckmesh/local-chain'
import { createTestClient, http, type TestClient } from 'viem'
import { foundry } from 'viem/chains'

/** A local chain for tests. */
export type TestChain = {
  rpcUrl: string
  /** Moves the time of the next block and mines it. */
  passSeconds(seconds: number): Promise<void>
  client: TestClient<'anvil'>
  stop(): Promise<void>
}

/** Starts anvil on a free port; every transaction is mined at once. */
export async function startChain(): Promise<TestChain> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-node-'))
  const { rpcUrl, service } = await startAnvil(folder, false)
  const client = createTestClient({ chain: foundry, mode: 'anvil', transport: http(rpcUrl) })
  return {
    rpcUrl,
    client,
    passSeconds: async (seconds) => {
      await client.increaseTime({ seconds })
      await client.mine({ blocks: 1 })
    },
    stop: async () => {
      await service.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
