// Runs a provider node from the settings in the environment; see config.ts for each of them.
import process from 'node:process'
import { DuckMeshError } from '@duckmesh/protocol'
import { parseConfig } from '../config.ts'
import { createNode } from '../createNode.ts'
import { createLogger } from '../logger.ts'

const STOP_LIMIT_MS = 5_000

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const node = await createNode(config)
  const stop = () => {
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    void node.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  try {
    await node.start()
  } catch (error) {
    await node.stop()
    throw error
  }
}

main().catch((thrown: unknown) => {
  createLogger('error').fatal({ err: DuckMeshError.from(thrown) }, 'node failed')
  process.exitCode = 1
})
