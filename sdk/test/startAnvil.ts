import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAnvil as startLocalChain } from '@duckmesh/local-chain'

/** A development chain of its own for one test file. */
export type Anvil = { rpcUrl: string; stop(): Promise<void> }

/** Starts anvil on a free port; `stop` ends it and removes its folder. */
export async function startAnvil(): Promise<Anvil> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-sdk-'))
  const { rpcUrl, service } = await startLocalChain(folder, false)
  return {
    rpcUrl,
    async stop() {
      await service.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
