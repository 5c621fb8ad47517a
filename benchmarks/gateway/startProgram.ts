import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readyOnMessage, type Service, startService } from '@duckmesh/local-chain'

/**
 * Starts a program of this folder as a process of its own; it says where it listens.
 * @param folder for its log
 */
export function startProgram(name: string, folder: string, env: Record<string, string>): Promise<Service> {
  return startService({
    name,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL(name, import.meta.url))],
    env,
    logFile: join(folder, 'bench.log'),
    readyWhen: readyOnMessage('listening'),
    readyTimeoutMs: 60_000,
  })
}

/** Where a program takes completions. */
export const urlOf = ({ ready }: Service, path = ''): string =>
  `http://127.0.0.1:${ready.port}${path}/completions`
