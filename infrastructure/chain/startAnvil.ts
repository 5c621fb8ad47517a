import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Service, startService } from './childService.ts'
import { DEV_MNEMONIC } from './devKeys.ts'
import { freePort } from './freePort.ts'

const bundled = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url))

/** A local EVM chain. */
export type LocalChain = { rpcUrl: string; service: Service }

/**
 * Starts anvil, which mines a block for every transaction.
 * @param folder its log, and its state when `keepState`
 * @param keepState writes the state every second and on exit, and goes on from there at the next start
 * @param wantedPort port to listen on; any free one if left out
 */
export async function startAnvil(
  folder: string,
  keepState: boolean,
  wantedPort?: number,
): Promise<LocalChain> {
  const port = wantedPort ?? (await freePort())
  const state = keepState ? ['--state', join(folder, 'chain.json'), '--state-interval', '1'] : []
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
      ...state,
    ],
    logFile: join(folder, 'logs', 'chain.log'),
    readyWhen: (line) => (line.startsWith('Listening on') ? {} : undefined),
    readyTimeoutMs: 15_000,
    orphanSignal: 'TERM', // it writes its state first
  })
  return { rpcUrl: `http://127.0.0.1:${port}`, service }
}
