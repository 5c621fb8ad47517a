import type { Chunk } from '@duckmesh/protocol'
import type { Clock } from '../ports/clock.ts'
import type { AttemptEnd } from './attempt.ts'
import type { Contender } from './contender.ts'

/** What the first answer of a race was. */
export type RaceEnd = {
  winner: Contender
  first: { chunk: Chunk } | { end: AttemptEnd }
  /** Contenders that ended before the winner answered. */
  failed: { contender: Contender; end: AttemptEnd }[]
  /** Contenders that were slower: to be aborted. */
  slower: Contender[]
}

/**
 * Asks one provider after the other until one answers; and when a first token is late, a second one as well. The first to
 * answer wins.
 * @param start starts the next contender; undefined when there is none left
 * @param hedgeAfterMs null never asks a second one
 * @returns undefined when every contender failed, which are then in `failed`
 */
export async function race(
  start: () => Promise<Contender | undefined>,
  hedgeAfterMs: number | null,
  clock: Clock,
): Promise<RaceEnd | { winner: undefined; failed: RaceEnd['failed'] }> {
  const failed: RaceEnd['failed'] = []
  const running = new Map<Contender, Promise<{ contender: Contender; step: RaceEnd['first'] }>>()
  const add = async (): Promise<boolean> => {
    const contender = await start()
    if (!contender) return false
    running.set(
      contender,
      contender.next().then((step) => ({ contender, step })),
    )
    return true
  }
  if (!(await add())) return { winner: undefined, failed }
  let mayHedge = hedgeAfterMs !== null
  for (;;) {
    const timer = new AbortController()
    const late = mayHedge ? [clock.sleep(hedgeAfterMs!, timer.signal).then(() => undefined)] : []
    const news = await Promise.race([...running.values(), ...late])
    timer.abort()
    if (!news) {
      mayHedge = false
      await add()
      continue
    }
    const { contender, step } = news
    running.delete(contender)
    if ('chunk' in step || step.end.how === 'done' || step.end.how === 'unpaid') {
      return { winner: contender, first: step, failed, slower: [...running.keys()] }
    }
    failed.push({ contender, end: step.end })
    if (running.size === 0 && !(await add())) return { winner: undefined, failed }
  }
}
