/**
 * Proves the models of contracts/formal/models with solc's SMTChecker (engine CHC) and z3.
 *
 *   node contracts/formal/prove.ts             every model, and every seeded bug
 *   node contracts/formal/prove.ts --accept    also records the sources the models were compared with
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { type Model, models, type SeededBug } from './models.ts'
import { findZ3, solve } from './solver.ts'
import { acceptSources, changedSources } from './sources.ts'

interface Compiler {
  compile(input: string): string
}

interface Output {
  errors?: { severity: string; errorCode?: string; formattedMessage: string }[]
  auxiliaryInputRequested?: { smtlib2queries: Record<string, string> }
}

export interface Verdict {
  /** Assertions proved, each for every reachable state; not counted for a bug that was refuted. */
  proved: number
  /** Messages about assertions that were not. */
  unproved: string[]
  /** True when z3 showed a run that breaks an assertion; with `unproved` alone it may just have given up. */
  refuted: boolean
  seconds: number
}

const CHC_PROVED = '9576'
const CHC_VIOLATED = '6328'
/** For one query. Each takes a second or two of work, for which a busy machine may need much longer. */
const QUERY_SECONDS = 300

const root = join(import.meta.dirname, '../..')
const compiler = createRequire(import.meta.url)('solc') as Compiler

/**
 * Proves a model, or one with a bug in it.
 * @param z3 path of the solver
 * @throws Error when the model does not compile, has no assertion, or does not contain the text of the bug once
 */
export async function prove(z3: string, { contract }: Model, bug?: SeededBug): Promise<Verdict> {
  const startedMs = Date.now()
  const source = withBug(read(modelPath(contract)), bug)
  const responses: Record<string, string> = {}
  let refuted = false
  for (;;) {
    const output = compile(contract, source, responses)
    const queries = Object.entries(output.auxiliaryInputRequested?.smtlib2queries ?? {})
    const open = queries.filter(([hash]) => !(hash in responses))
    if (open.length === 0) return verdictOf(contract, output, refuted, startedMs)
    // One broken assertion shows a bug; nobody waits for the others.
    const enough = new AbortController()
    const solving = open.map(async ([hash, query]) => {
      const answer = await solve(z3, query, QUERY_SECONDS, enough.signal)
      // solc reads a counterexample out of `unsat` and cannot read all that z3 prints; the verdict is the same.
      responses[hash] = answer.startsWith('sat') ? 'sat' : 'unknown'
      if (!answer.startsWith('unsat')) return
      refuted = true
      if (bug) enough.abort()
    })
    await Promise.all(solving)
    if (bug && refuted) return { proved: 0, unproved: [], refuted, seconds: secondsSince(startedMs) }
  }
}

function compile(contract: string, source: string, responses: Record<string, string>): Output {
  const path = modelPath(contract)
  const shares = 'contracts/src/libraries/Shares.sol'
  const input = {
    language: 'Solidity',
    sources: { [path]: { content: source }, [shares]: { content: read(shares) } },
    auxiliaryInput: { smtlib2responses: responses },
    settings: {
      evmVersion: 'prague',
      outputSelection: {},
      modelChecker: {
        engine: 'chc',
        solvers: ['smtlib2'],
        targets: ['assert'],
        contracts: { [path]: [contract] },
        showProvedSafe: true,
        showUnproved: true,
      },
    },
  }
  return JSON.parse(compiler.compile(JSON.stringify(input))) as Output
}

function verdictOf(contract: string, { errors = [] }: Output, refuted: boolean, startedMs: number): Verdict {
  const failed = errors.find(({ severity }) => severity === 'error')
  if (failed) throw new Error(failed.formattedMessage)
  const textsOf = (code: string) =>
    errors.filter(({ errorCode }) => errorCode === code).map(({ formattedMessage }) => formattedMessage)
  const proved = textsOf(CHC_PROVED).length
  const unproved = textsOf(CHC_VIOLATED)
  if (proved + unproved.length === 0) throw new Error(`${contract} asserts nothing`)
  return { proved, unproved, refuted, seconds: secondsSince(startedMs) }
}

function secondsSince(startedMs: number): number {
  return (Date.now() - startedMs) / 1_000
}

function withBug(source: string, bug?: SeededBug): string {
  if (!bug) return source
  if (source.split(bug.find).length !== 2)
    throw new Error(`The text of the bug "${bug.name}" does not occur once`)
  return source.replace(bug.find, () => bug.replace)
}

function modelPath(contract: string): string {
  return `contracts/formal/models/${contract}.sol`
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

async function main(): Promise<number> {
  const z3 = findZ3()
  if (!z3) {
    console.error('z3 is not installed (Debian: apt-get install -y z3).')
    return 2
  }
  let failures = 0
  for (const model of models) {
    const { proved, unproved, seconds } = await prove(z3, model)
    console.log(
      `${unproved.length === 0 ? '✔' : '✖'} ${model.contract}: ${proved} proved, ${seconds.toFixed(1)} s`,
    )
    for (const text of unproved) console.log(text)
    failures += unproved.length
    for (const bug of model.bugs) {
      const seeded = await prove(z3, model, bug)
      const outcome = seeded.refuted ? 'refuted' : 'NOT REFUTED'
      console.log(
        `  ${seeded.refuted ? '✔' : '✖'} bug "${bug.name}": ${outcome}, ${seeded.seconds.toFixed(1)} s`,
      )
      if (!seeded.refuted) failures++
    }
  }
  if (process.argv.includes('--accept')) acceptSources()
  for (const fault of changedSources()) {
    console.log(`✖ ${fault}`)
    failures++
  }
  return failures > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main()
