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

/** The contracts that the tests deploy and faults are put into, as paths below contracts/src. */
export const deployed = [
  'DuckMesh',
  'DuckMeshJobs',
  'DuckMeshAccounts',
  'auction/ReverseAuction',
  'epochs/EpochSettler',
]

/** From quick to slow; each next one copes with more variables on the stack. None fits the size limit of the chain. */
const PIPELINES = [
  { viaIR: false, optimizer: { enabled: false } },
  // a few passes only, just enough for the stack
  {
    viaIR: true,
    optimizer: {
      enabled: true,
      runs: 1,
      details: { yul: true, yulDetails: { stackAllocation: true, optimizerSteps: 'dhfoDgvulfnTUtmu:' } },
    },
  },
  { viaIR: true, optimizer: { enabled: true, runs: 200 } },
]
/** The first pipeline that did for each contract. */
const pipelineOf = new Map<string, number>()

/**
 * The deployed contracts that a file is part of.
 * @param file below contracts/src
 * @throws Error when it is in none
 */
export function contractsWith(file: string): string[] {
  const names = deployed.filter((name) => filesOf(`${name}.sol`).has(file))
  if (names.length === 0) throw new Error(`${file} is in no deployed contract`)
  return names
}

/**
 * Compiles contracts in memory, without the hash of their sources at the end, so that equal code is equal.
 * @param names as in {@link deployed}
 * @param change a file below contracts/src, and what it is to contain
 * @returns creation code by contract
 * @throws Error with the compiler's message
 */
export function compile(names: string[], change?: { file: string; source: string }): Map<string, string> {
  const read = (path: string) =>
    path === `contracts/src/${change?.file}` && change ? change.source : readSource(path)
  return new Map(names.map((name) => [name, compileOne(name, read)]))
}

function compileOne(name: string, read: (path: string) => string): string {
  let message = `The compiler gave no ${name}`
  for (let i = pipelineOf.get(name) ?? 0; i < PIPELINES.length; i++) {
    const { bytecode, error } = tryCompile(name, read, PIPELINES[i])
    if (bytecode) {
      if (!pipelineOf.has(name)) pipelineOf.set(name, i)
      return `0x${bytecode}`
    }
    if (error) message = error
    if (!/too deep/i.test(message)) break
  }
  throw new Error(message)
}

function tryCompile(
  name: string,
  read: (path: string) => string,
  pipeline: object,
): { bytecode?: string | undefined; error?: string | undefined } {
  const entry = `contracts/src/${name}.sol`
  const contract = posix.basename(name)
  const input = {
    language: 'Solidity',
    sources: { [entry]: { content: read(entry) } },
    settings: {
      evmVersion: 'prague',
      ...pipeline,
      metadata: { appendCBOR: false },
      outputSelection: { [entry]: { [contract]: ['evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    compiler.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
  ) as Output
  const error = output.errors?.find(({ severity }) => severity === 'error')?.formattedMessage
  return { error, bytecode: output.contracts?.[entry]?.[contract]?.evm.bytecode.object }
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
