/**
 * Puts faults into the contracts, one at a time, and runs the tests against each.
 *
 *   node contracts/mutation/mutate.ts                       all of them, about half an hour
 *   node contracts/mutation/mutate.ts --survivors           those that survived the last time, and new ones
 *   node contracts/mutation/mutate.ts --only openSeats      those whose name or file has this text
 *   node contracts/mutation/mutate.ts --sample 6 --seed 1   some of them, only printed
 *
 * All but the sample write contracts/mutation/results.json and results.md.
 *
 * The contracts must be compiled (`hardhat build`).
 */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { compileMesh } from './compileMesh.ts'
import { type Mutant, mutatedSource } from './mutant.ts'
import { mutants, sampleOf } from './mutants.ts'
import { keyOf, type Result, readResults, writeResults } from './results.ts'

/**
 * Tests every mutant.
 * @param report called after each one
 * @throws Error when the tests fail on the contract as it is, or a mutant does not compile
 */
export async function tryMutants(wanted: Mutant[], report: (result: Result) => void): Promise<Result[]> {
  const bench = new Bench()
  try {
    const broken = await bench.firstFailure(compileMesh(new Map()))
    if (broken) throw new Error(`The tests fail without any fault: ${broken}`)
    const results: Result[] = []
    // The next mutant is compiled while the tests run against the one before.
    let running: Promise<void> = Promise.resolve()
    for (const mutant of wanted) {
      const bytecode = compileMesh(new Map([[mutant.file, mutatedSource(mutant)]]))
      await running
      running = bench.firstFailure(bytecode).then((killedBy) => {
        const result = killedBy === undefined ? { mutant } : { mutant, killedBy }
        results.push(result)
        report(result)
      })
    }
    await running
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
  const results = await tryMutants(wanted, (result) => {
    const sign = isExpected(result) ? '✔' : '✖'
    console.log(`${sign} ${result.mutant.file} ${result.mutant.name}: ${result.killedBy ?? 'SURVIVED'}`)
  })
  if (!sample) writeResults(results)
  const killed = results.filter(({ killedBy }) => killedBy !== undefined).length
  console.log(`${killed} of ${results.length} killed`)
  return results.every(isExpected) ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
