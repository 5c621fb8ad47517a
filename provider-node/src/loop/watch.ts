import type { Row } from '../ports/journal.ts'
import type { LoopContext } from './context.ts'
import { directJob } from './direct.ts'
import { settleSeat } from './settle.ts'
import type { Tasks } from './tasks.ts'

/** Starts the next look at a job unless one is under way. */
export function startLook(row: Row, context: LoopContext, tasks: Tasks): boolean {
  const look = row.lane === 'direct' ? directJob : settleSeat
  return tasks.start(`look:${row.jobId}:${row.round}`, () =>
    look(row, context).catch((error: unknown) => {
      if (!context.signal.aborted) context.logger.warn({ err: error, jobId: row.jobId }, 'look failed')
    }),
  )
}

/**
 * Looks at every job that is not final, every WATCH_MS until the node stops. With this alone, and the chain, a
 * node gets what it is due; the coordinator only makes it faster.
 */
export async function watch(context: LoopContext, tasks: Tasks): Promise<void> {
  const { chain, clock, config, journal, logger, signal } = context
  while (!signal.aborted) {
    const rows = journal.list(['received', 'promised'])
    for (const row of rows) {
      if (row.lane === 'direct' || row.state === 'promised') startLook(row, context, tasks)
    }
    if (rows.length === 0) {
      // keeps the health page honest about the chain while there is nothing to do
      await chain.head().catch((error: unknown) => logger.debug({ err: error }, 'chain does not answer'))
    }
    await clock.sleep(config.WATCH_MS, signal)
  }
}
