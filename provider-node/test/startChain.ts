import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
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

const binary = fileURLToPath(new URL('../../node_modules/.bin/anvil', import.meta.url))

/** Starts anvil on a free port; every transaction is mined at once. */
export async function startChain(): Promise<TestChain> {
  const anvil = spawn(binary, ['--port', '0', '--accounts', '20'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(anvil, 'exit')
  const rpcUrl = await new Promise<string>((resolve, reject) => {
    anvil.once('error', reject)
    anvil.once('exit', () => reject(new Error('anvil ended at its start')))
    createInterface({ input: anvil.stdout }).on('line', (line) => {
      const found = line.match(/^Listening on (\S+)/)
      if (found) resolve(`http://${found[1]}`)
    })
  })
  const client = createTestClient({ chain: foundry, mode: 'anvil', transport: http(rpcUrl) })
  return {
    rpcUrl,
    client,
    passSeconds: async (seconds) => {
      await client.increaseTime({ seconds })
      await client.mine({ blocks: 1 })
    },
    stop: async () => {
      anvil.kill('SIGKILL')
      await exited
    },
  }
}
