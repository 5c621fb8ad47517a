import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ANVIL = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url))

/** A development chain of its own for one test file. */
export type Anvil = { rpcUrl: string; stop(): Promise<void> }

/**
 * Starts anvil on a free port.
 * @throws Error when it ends before it listens
 */
export async function startAnvil(): Promise<Anvil> {
  const child = spawn(ANVIL, ['--port', '0', '--chain-id', '31337'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lines = createInterface({ input: child.stdout })
  const port = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`anvil ended with code ${code}`)))
    lines.on('line', (line) => {
      const found = line.match(/Listening on 127\.0\.0\.1:(\d+)/)?.[1]
      if (found) resolve(found)
    })
  })
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
