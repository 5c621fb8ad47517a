/**
 * Puts faults into the contracts, one at a time, and runs the tests against each.
 *
 *   npm run mutate                             all of them
 *   npm run mutate -- --survivors              those not killed the last time, and new ones
 *   npm run mutate -- --only openSeats         those whose name or file has this text
 *   npm run mutate -- --sample 4 --seed 7      some of them, the same ones for the same seed
 *
 * `--jobs N` tries N at the same time (half of the processors), `--json` prints the results as JSON at the end and the
 * progress on the error stream. All but the sample write contracts/mutation/results.json.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Mutant } from './mutant.ts'
import { mutants, sampleOf } from './mutants.ts'
import { faultOf, keyOf, readRecords, recordOf, writeResults } from './results.ts'
import { isExpected, type Result, tryMutants } from './trial.ts'

const root = join(import.meta.dirname, '../..')

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      sample: { type: 'string' },
      seed: { type: 'string', default: '0' },
      only: { type: 'string', default: '' },
      survivors: { type: 'boolean', default: false },
      jobs: { type: 'string', default: String(Math.ceil(availableParallelism() / 2)) },
      json: { type: 'boolean', default: false },
    },
  })
  const wanted = values.sample
    ? sampleOf(Number(values.sample), Number(values.seed))
    : select(values.only, values.survivors)
  const say = values.json ? console.error : console.log
  if (wanted.length === 0) {
    say('No such mutant.')
    return 2
  }
  const cli = join(root, 'node_modules/hardhat/dist/src/cli.js')
  const config = join(root, 'hardhat.config.ts')
  const build = spawnSync(process.execPath, [cli, '--config', config, 'build', '--no-tests'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (build.status !== 0) {
    say(`The contracts do not compile:\n${build.stdout}${build.stderr}`)
    return 2
  }

  const startedMs = Date.now()
  let done = 0
  const report = (result: Result) => {
    const { mutant, outcome, killedBy } = result
    const minutes = ((Date.now() - startedMs) / 60_000).toFixed(1)
    say(
      `${isExpected(result) ? '✔' : '✖'} ${++done}/${wanted.length} (${minutes} min) ${keyOf(mutant)}: ${killedBy ?? outcome.toUpperCase()}`,
    )
    if (!values.sample) writeResults([result])
  }
  const results = await tryMutants(wanted, Number(values.jobs), report)
  if (values.json) console.log(JSON.stringify(results.map(recordOf), null, 2))
  const killed = results.filter(({ outcome }) => outcome === 'killed').length
  const surprises = results.filter((result) => !isExpected(result)).length
  say(`${killed} of ${results.length} killed, ${surprises} not as expected`)
  return surprises === 0 ? 0 : 1
}

function select(text: string, onlySurvivors: boolean): Mutant[] {
  const known = readRecords()
  const isKilled = (mutant: Mutant) => {
    const record = known.get(keyOf(mutant))
    return record?.outcome === 'killed' && record.fault === faultOf(mutant)
  }
  return mutants.filter((mutant) => keyOf(mutant).includes(text) && !(onlySurvivors && isKilled(mutant)))
}

process.exitCode = await main()
