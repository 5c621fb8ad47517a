import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepChainState } from './chainState.ts'
import { type Service, startService } from './childService.ts'
import { DEV_MNEMONIC } from './devKeys.ts'
import { freePort } from './freePort.ts'

const bundled = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url))

/** A local EVM chain. */
export type LocalChain = { rpcUrl: string; service: Service }

/**
 * Starts anvil, which mines a block for every transaction.
 * @param folder its log, and its state when `keepState`
 * @param keepState keeps its state in the folder, and goes on from there at the next start
 * @param wantedPort port to listen on; any free one if left out
 */
export async function startAnvil(
  folder: string,
  keepState: boolean,
  wantedPort?: number,
): Promise<LocalChain> {
  const port = wantedPort ?? (await freePort())
  const service = await startService({
    name: 'chain (anvil)',
    command: existsSync(bundled) ? bundled : 'anvil',
    args: [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--chain-id',
      '31337',
      '--mnemonic',
      DEV_MNEMONIC,
      '--accounts',
      '60',
    ],
    logFile: join(folder, 'logs', 'chain.log'),
    readyWhen: (line) => (line.startsWith('Listening on') ? {} : undefined),
    readyTimeoutMs: 15_000,
  })
  const rpcUrl = `http://127.0.0.1:${port}`
  return { rpcUrl, service: keepState ? await keepChainState(folder, rpcUrl, service) : service }
}
