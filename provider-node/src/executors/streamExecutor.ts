import { DuckMeshError, type ExecutionProfile } from '@duckmesh/protocol'
import type { Executor } from './executor.ts'
import type { Generator } from './generator.ts'

/**
 * An executor of an engine that serves the streaming lane alone: its results cannot be compared seat by seat.
 * @param close ends all runs with `CANCELLED` and frees the engine; may be called more than once
 */
export function createStreamExecutor(
  profile: ExecutionProfile,
  generator: Generator,
  close: () => Promise<void>,
): Executor {
  return {
    profile,
    contextTokens: profile.contextTokens,
    streamsOnly: true,
    generator,
    async run() {
      throw new DuckMeshError('BAD_REQUEST', 'This engine serves the streaming lane alone.', {
        engine: profile.engine,
      })
    },
    close,
  }
}
