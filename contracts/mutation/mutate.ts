/**
 * Puts faults into the contracts, one at a time, and runs the tests against each.
 *
 *   node contracts/mutation/mutate.ts                       all of them, an hour on two cores
 *   node contracts/mutation/mutate.ts --survivors           those that survived the last time, and new ones
 *   node contracts/mutation/mutate.ts --only openSeats      those whose name or file has this text
 *   node contracts/mutation/mutate.ts --sample 5 --seed 1   some of them, only printed
 *
 * All but the sample write contracts/mutation/results.json and results.md.
 *
 * The contracts must be compiled (`hardhat build`).
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { compile } from './compile.ts'
import { type Mutant, mutatedSource } from './mutant.ts'
import { mutants, sampleOf } from './mutants.ts'
import { keyOf, type Result, readResults, writeResults } from './results.ts'

/** A fault that every test of withdrawals sees. If it survives, nothing that the bench says counts. */
const CONTROL: Mutant = {
  file: 'ledger/Ledger.sol',
  tests: ['ledger/withdrawals'],
  name: 'control: a withdrawal debits nothing',
  find: '_debit(msg.sender, _positive(amountWei));',
  replace: '_positive(amountWei);',
}

/**
 * Tests every mutant: first the test files that it names, then, unless `isQuick`, all others.
 * @param report called after each one
 * @throws Error when the bench itself is broken: the contracts fail without any fault, or the control survives
 */
export async function tryMutants(
  wanted: Mutant[],
  report: (result: Result) => void,
  isQuick = false,
): Promise<Result[]> {
  const bench = new Bench()
  const all = bench.allTests()
  const isNear =
    ({ tests }: Mutant) =>
    (path: string) =>
      tests.some((test) => path.startsWith(test))
  const near = (mutant: Mutant) => {
    const files = all.filter(isNear(mutant))
    if (files.length === 0) throw new Error(`"${mutant.name}" names no test file`)
    return files
  }
  try {
    const sound = compile()
    const demandSound = async (files: string[]) => {
      bench.install(sound)
      const broken = await bench.firstFailure(files)
      if (broken) throw new Error(`The tests fail without any fault: ${broken}`)
    }
    await demandSound([...new Set([CONTROL, ...wanted].flatMap(near))])
    bench.install(compile(CONTROL.file, mutatedSource(CONTROL)))
    if (!(await bench.firstFailure(near(CONTROL))))
      throw new Error('The control survives: the bench tests nothing')

    let othersAreSound = false
    const tryOne = async (mutant: Mutant, code: ReadonlyMap<string, string>): Promise<Result> => {
      bench.install(code)
      let killedBy = await bench.firstFailure(near(mutant))
      if (killedBy === undefined && !isQuick) {
        const others = all.filter((path) => !isNear(mutant)(path))
        if (!othersAreSound) await demandSound(all)
        othersAreSound = true
        bench.install(code)
        killedBy = await bench.firstFailure(others)
      }
      return killedBy === undefined ? { mutant } : { mutant, killedBy }
    }
    const results: Result[] = []
    for (const mutant of wanted) {
      const result = await tryOne(mutant, compile(mutant.file, mutatedSource(mutant)))
      results.push(result)
      report(result)
    }
    return results
  } finally {
    bench.close()
  }
}

/** True when the outcome is the expected one: killed, or known to survive. */
export function isExpected({ mutant, killedBy }: Result): boolean {
  return (killedBy !== undefined) === (mutant.survives === undefined)
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sample: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      survivors: { type: 'boolean' },
    },
  })
  const { only, sample, survivors } = values
  const known = readResults()
  const wanted = sample
    ? sampleOf(Number(sample), Number(values.seed ?? 0))
    : mutants.filter(
        (mutant) =>
          (!only || mutant.file.includes(only) || mutant.name.includes(only)) &&
          (!survivors || known.get(keyOf(mutant)) === undefined),
      )
  const report = (result: Result) => {
    const sign = isExpected(result) ? '✔' : '✖'
    console.log(`${sign} ${result.mutant.file} ${result.mutant.name}: ${result.killedBy ?? 'SURVIVED'}`)
    if (!sample) writeResults([result])
  }
  const results = await tryMutants(wanted, report, sample !== undefined)
  const killed = results.filter(({ killedBy }) => killedBy !== undefined).length
  console.log(`${killed} of ${results.length} killed`)
  return results.every(isExpected) ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
