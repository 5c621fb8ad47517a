import { type Machine, startMachine } from '../../provider-node/src/reference/machine.fixture.ts'
import { answers, type Comparison, compare } from './honest.ts'
import { completions } from './requests.ts'

/** Far from the seeds of every other answer. */
const SEED = 190_000

/**
 * Honest answers computed by two threads, which is slow for a small model, replayed by one.
 * @param validator replays
 * @param kernelLibrary of the machine that answers
 */
export async function onTwoThreads(
  validator: Machine,
  model: string,
  kernelLibrary: string,
  count: number,
): Promise<Comparison[]> {
  const machine = startMachine({ kernelLibrary, threads: 2 })
  try {
    const found: Comparison[] = []
    for (const answer of await answers(machine, model, completions(count, SEED, { maxTokens: 16 }))) {
      found.push(await compare(validator, model, answer))
    }
    return found
  } finally {
    machine.close()
  }
}
