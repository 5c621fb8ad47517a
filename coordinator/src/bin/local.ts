import { DuckMeshError } from '@duckmesh/protocol'
import { parseConfig } from '../config.ts'
import { createLogger } from '../observability/logger.ts'
import { startCoordinator } from '../startCoordinator.ts'

// The coordinator on a machine: settings from the environment, see src/config.ts.
try {
  const coordinator = await startCoordinator(parseConfig(process.env))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      coordinator.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
} catch (thrown) {
  const error = DuckMeshError.from(thrown)
  createLogger('error').fatal({ err: thrown, ...error.toWire() }, error.message)
  process.exitCode = 1
}
