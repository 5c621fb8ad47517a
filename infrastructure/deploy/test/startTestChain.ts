import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { privateKeyToAccount } from 'viem/accounts'
import { startService } from '../../chain/childService.ts'
import { DEV_MNEMONIC, devPrivateKey } from '../../chain/devKeys.ts'
import { freePort } from '../../chain/freePort.ts'
import { type Chain, connectChain } from '../chain.ts'

const anvil = fileURLToPath(new URL('../../../node_modules/.bin/anvil', import.meta.url))

/** Key of the account that deploys in tests; it has money. */
export const deployerKey = devPrivateKey(0)

/** A chain of one test file, with a folder for what a run leaves. */
export type TestChain = { rpcUrl: string; chain: Chain; folder: string; stop(): Promise<void> }

/**
 * Starts anvil.
 * @param chainId what the chain says it is
 * @param args further arguments of anvil
 */
export async function startTestChain(chainId = 31_337, ...args: string[]): Promise<TestChain> {
  const folder = await mkdtemp(join(tmpdir(), 'duckmesh-deploy-'))
  const port = await freePort()
  const service = await startService({
    name: 'chain (anvil)',
    command: anvil,
    args: ['--port', String(port), '--chain-id', String(chainId), '--mnemonic', DEV_MNEMONIC, ...args],
    logFile: join(folder, 'chain.log'),
    readyWhen: (line) => (line.startsWith('Listening on') ? {} : undefined),
    readyTimeoutMs: 15_000,
  })
  const rpcUrl = `http://127.0.0.1:${port}`
  return {
    rpcUrl,
    folder,
    chain: await connectChain(rpcUrl, privateKeyToAccount(deployerKey), chainId),
    stop: async () => {
      await service.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A chain without the deterministic proxy. */
export const WITHOUT_PROXY = '--disable-default-create2-deployer'
