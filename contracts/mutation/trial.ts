import { compile, contractsWith } from './compile.ts'
import { type Mutant, mutatedSource } from './mutant.ts'
import { ProjectCopy } from './projectCopy.ts'

/** What became of a mutant. */
export interface Result {
  mutant: Mutant
  /** `equal`: the compiler made the same code of it, so there is nothing to notice. */
  outcome: 'killed' | 'survived' | 'equal'
  /** Title of the first test that failed; only of a killed one. */
  killedBy?: string
}

/** A fault that every test of withdrawals sees. If it survives, nothing that the tests say counts. */
const CONTROL: Mutant = {
  file: 'ledger/Ledger.sol',
  tests: ['ledger/withdrawals'],
  name: 'control: a withdrawal debits nothing',
  find: '_debit(msg.sender, _positive(amountWei));',
  replace: '_positive(amountWei);',
}

/** True when the outcome is the expected one: killed, or known to survive. */
export function isExpected({ mutant, outcome }: Result): boolean {
  return (outcome === 'killed') === (mutant.survives === undefined)
}

/**
 * Tests every mutant: first with the test files that it names, then with all others.
 * @param wanted at least one
 * @param jobs how many at the same time, each in a copy of the project
 * @param report called after each one
 * @throws Error when the tests fail without any fault, or when the control survives
 */
export async function tryMutants(
  wanted: Mutant[],
  jobs: number,
  report: (result: Result) => void,
): Promise<Result[]> {
  const first = new ProjectCopy()
  const copies = [first]
  while (copies.length < Math.min(jobs, wanted.length)) copies.push(new ProjectCopy())
  const all = first.allTests()
  try {
    const names = [...new Set([CONTROL, ...wanted].flatMap(({ file }) => contractsWith(file)))]
    const sound = compile(names)
    await demandSound(first, sound, [...new Set([CONTROL, ...wanted].flatMap((mutant) => near(mutant, all)))])
    const control = await tryOne(first, CONTROL, sound, near(CONTROL, all))
    if (control.outcome !== 'killed') throw new Error('The control survives: the tests test something else')

    const results: Result[] = []
    const waiting = [...wanted]
    let othersAreSound: Promise<void> | undefined
    const work = async (copy: ProjectCopy): Promise<void> => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const close = near(mutant, all)
        let result = await tryOne(copy, mutant, sound, close)
        if (result.outcome === 'survived') {
          othersAreSound ??= demandSound(copy, sound, all)
          await othersAreSound
          const others = all.filter((path) => !close.includes(path))
          result = await tryOne(copy, mutant, sound, others)
        }
        results.push(result)
        report(result)
      }
    }
    await Promise.all(copies.map(work))
    return results
  } finally {
    for (const copy of copies) copy.close()
  }
}

async function demandSound(
  copy: ProjectCopy,
  sound: ReadonlyMap<string, string>,
  tests: string[],
): Promise<void> {
  copy.install(sound)
  const broken = await copy.firstFailure(tests)
  if (broken) throw new Error(`The tests fail without any fault: ${broken}`)
}

async function tryOne(
  copy: ProjectCopy,
  mutant: Mutant,
  sound: ReadonlyMap<string, string>,
  tests: string[],
): Promise<Result> {
  const { file } = mutant
  const code = compile(contractsWith(file), { file, source: mutatedSource(mutant) })
  if ([...code].every(([name, bytecode]) => bytecode === sound.get(name))) return { mutant, outcome: 'equal' }
  copy.install(code)
  const killedBy = await copy.firstFailure(tests)
  return killedBy === undefined ? { mutant, outcome: 'survived' } : { mutant, outcome: 'killed', killedBy }
}

function near(mutant: Mutant, all: string[]): string[] {
  const files = all.filter((path) => mutant.tests.some((test) => path.startsWith(test)))
  if (files.length === 0) throw new Error(`"${mutant.name}" names no test file`)
  return files
}
