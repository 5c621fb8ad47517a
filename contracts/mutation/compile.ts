import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, posix } from 'node:path'

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } }): string
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[]
  contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>
}

const root = join(import.meta.dirname, '../..')
const compiler = createRequire(import.meta.url)('solc') as Compiler

/** The contracts that the tests deploy and faults are put into. */
export const deployed = ['DuckMesh', 'DuckMeshJobs', 'DuckMeshAccounts']

/** A few passes only: just enough for the stack, and quick. The code is larger than the chain allows. */
const QUICK = {
  enabled: true,
  runs: 1,
  details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: 'dhfoDgvulfnTUtmu:' } },
}
/** For faults after which that is not enough. */
const THOROUGH = { enabled: true, runs: 200 }

/**
 * Compiles, in memory, every deployed contract that a file is part of.
 * @param file below contracts/src; without one, every deployed contract
 * @param source what the file is to contain
 * @returns creation code by contract
 * @throws Error with the compiler's message, or when the file is in no contract
 */
export function compile(file?: string, source?: string): Map<string, string> {
  const names = deployed.filter((name) => file === undefined || filesOf(`${name}.sol`).has(file))
  if (names.length === 0) throw new Error(`${file} is in no deployed contract`)
  return new Map(names.map((name) => [name, compileOne(name, file, source)]))
}

function compileOne(name: string, file?: string, source?: string): string {
  const read = (path: string) =>
    path === `contracts/src/${file}` && source !== undefined ? source : readSource(path)
  const quick = tryCompile(name, read, QUICK)
  const { bytecode, error } = quick.error?.includes('too deep') ? tryCompile(name, read, THOROUGH) : quick
  if (!bytecode) throw new Error(error ?? `The compiler gave no ${name}`)
  return `0x${bytecode}`
}

function tryCompile(
  name: string,
  read: (path: string) => string,
  optimizer: object,
): { bytecode?: string | undefined; error?: string | undefined } {
  const entry = `contracts/src/${name}.sol`
  const input = {
    language: 'Solidity',
    sources: { [entry]: { content: read(entry) } },
    settings: {
      evmVersion: 'prague',
      viaIR: true,
      optimizer,
      outputSelection: { [entry]: { [name]: ['evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    compiler.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
  ) as Output
  const error = output.errors?.find(({ severity }) => severity === 'error')?.formattedMessage
  return { error, bytecode: output.contracts?.[entry]?.[name]?.evm.bytecode.object }
}

function readSource(path: string): string {
  return readFileSync(join(root, path.startsWith('@') ? `node_modules/${path}` : path), 'utf8')
}

/** A file of contracts/src and all that it imports from there, directly or not. */
function filesOf(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, path = ''] of readSource(`contracts/src/${file}`).matchAll(/from "(\.[^"]+)"/g)) {
    filesOf(posix.join(posix.dirname(file), path), found)
  }
  return found
}
