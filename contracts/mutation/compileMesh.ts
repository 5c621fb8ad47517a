import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } }): string
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[]
  contracts?: Record<string, Record<string, { evm: { bytecode: { object: string } } }>>
}

const root = join(import.meta.dirname, '../..')
const entry = 'contracts/src/DuckMesh.sol'
const compiler = createRequire(import.meta.url)('solc') as Compiler

/** As it is deployed; without the IR pipeline the stack is too deep. */
const DEPLOYED = { enabled: true, runs: 600 }
/** For faults after which the optimised code runs out of stack; larger than the chain allows. */
const PLAIN = { enabled: false }

/**
 * Compiles DuckMesh in memory.
 * @param replaced sources by path below contracts/src that differ from those on disk
 * @returns creation code
 * @throws Error with the compiler's message
 */
export function compileMesh(replaced: ReadonlyMap<string, string>): string {
  const first = tryCompile(replaced, DEPLOYED)
  const { bytecode, error } = first.error?.includes('too deep') ? tryCompile(replaced, PLAIN) : first
  if (!bytecode) throw new Error(error ?? 'The compiler gave no DuckMesh')
  return `0x${bytecode}`
}

function tryCompile(
  replaced: ReadonlyMap<string, string>,
  optimizer: object,
): { bytecode?: string | undefined; error?: string | undefined } {
  const read = (path: string) => {
    const own = replaced.get(path.replace('contracts/src/', ''))
    return own ?? readFileSync(join(root, path.startsWith('@') ? `node_modules/${path}` : path), 'utf8')
  }
  const input = {
    language: 'Solidity',
    sources: { [entry]: { content: read(entry) } },
    settings: {
      evmVersion: 'prague',
      viaIR: true,
      optimizer,
      outputSelection: { [entry]: { DuckMesh: ['evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    compiler.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
  ) as Output
  const error = output.errors?.find(({ severity }) => severity === 'error')?.formattedMessage
  return { error, bytecode: output.contracts?.[entry]?.DuckMesh?.evm.bytecode.object }
}
