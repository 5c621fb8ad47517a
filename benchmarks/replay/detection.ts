import type { ReplayGrade } from '@duckmesh/protocol'
import { startMachine } from '../../provider-node/src/reference/machine.fixture.ts'
import type { BenchResult } from '../bench.ts'
import { cheatsFor } from './cheats.ts'
import { graded, round } from './falseAlarms.ts'
import { compare } from './honest.ts'
import { LIBRARIES } from './libraries.ts'
import { completions } from './requests.ts'

/** Far from the seeds of honest answers. */
const SEED = 200_000
/** Cheats are tried by so many pairs of machines at the same time. */
const LANES = 3

/**
 * Shares of cheats that are rejected and accepted; half of the providers are of the other kernel class.
 * @param name begins the names of the figures
 * @param count requests that each cheat is tried on
 * @param fields of every request
 * @param isMeant which cheats are tried; all when left out
 */
export async function detection(
  name: string,
  models: Parameters<typeof cheatsFor>[0],
  count: number,
  fields: Parameters<typeof completions>[2],
  say: (text: string) => void,
  isMeant: (cheat: string) => boolean = () => true,
): Promise<BenchResult['figures']> {
  const cheats = Object.entries(cheatsFor(models)).filter(([cheat]) => isMeant(cheat))
  const found = new Map<string, ReplayGrade[]>()
  const lane = async (number: number) => {
    const [validator, other] = LIBRARIES.slice(0, 2).map((kernelLibrary) => startMachine({ kernelLibrary }))
    for (const [cheat, run] of cheats.filter((_, place) => place % LANES === number)) {
      const grades: ReplayGrade[] = []
      for (const [place, request] of completions(count, SEED, { maxTokens: 64, ...fields }).entries()) {
        const body = await run(place % 2 === 0 ? validator! : other!, request)
        if (body) grades.push(graded(await compare(validator!, models.ordered, { ...body, tookMs: 0 })).grade)
      }
      found.set(cheat, grades)
      say(
        `${name} ${cheat}: ${grades.length} answers, ${grades.filter((grade) => grade === 'reject').length} rejected`,
      )
    }
    validator?.close()
    other?.close()
  }
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
  return Object.fromEntries(
    cheats.flatMap(([cheat]) => {
      const grades = found.get(cheat) ?? []
      const share = (grade: ReplayGrade) =>
        round(grades.filter((other) => other === grade).length / Math.max(1, grades.length))
      const title = `${name}${cheat[0]!.toUpperCase()}${cheat.slice(1)}`
      return [
        [`${title}Answers`, grades.length],
        [`${title}RejectedShare`, share('reject')],
        [`${title}AcceptedShare`, share('accept')],
      ]
    }),
  )
}
