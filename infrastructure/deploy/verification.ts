import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { DuckMeshError } from '@duckmesh/protocol'
import { deployables } from '@duckmesh/protocol/bytecode'
import type { Address, Hex } from 'viem'
import { initCodeOf } from './deploy.ts'
import { readOptional, writeWhole } from './journal.ts'
import { type ModuleName, type Modules, planOf } from './plan.ts'
import type { Settings } from './settings.ts'

const root = join(import.meta.dirname, '../..')
const artifactFolder = join(root, 'contracts/.artifacts')

/** Standard JSON input of solc. */
export type CompilerInput = {
  language: string
  sources: Record<string, { content: string }>
  settings: Record<string, unknown> & { remappings?: string[] }
}

/** What a block explorer asks for to verify a contract. */
export type Verification = {
  address: Address
  /** As explorers write it: source, colon, contract. */
  contractName: string
  /** Long version, with a v. */
  compilerVersion: string
  /** Without 0x, as explorers want it. */
  constructorArguments: string
  input: CompilerInput
}

type Artifact = { bytecode: Hex; inputSourceName: string; buildInfoId: string }

/**
 * Input for verifying every contract of a deployment.
 * @throws DuckMeshError `BAD_CONFIG` when the contracts were not compiled, or from other sources than those deployed
 */
export async function verificationsOf(
  settings: Settings,
  deployer: Address,
  modules: Modules,
): Promise<Map<ModuleName, Verification>> {
  const paths = artifactPaths()
  const found = new Map<ModuleName, Verification>()
  for (const step of planOf(settings, deployer)) {
    const artifact = await readArtifact(step.name, paths)
    const buildInfo = await readFile(
      join(artifactFolder, 'build-info', `${artifact.buildInfoId}.json`),
      'utf8',
    )
    const { solcLongVersion, input } = JSON.parse(buildInfo) as {
      solcLongVersion: string
      input: CompilerInput
    }
    found.set(step.name, {
      address: modules[step.name]!,
      contractName: `${artifact.inputSourceName}:${step.name}`,
      compilerVersion: `v${solcLongVersion}`,
      constructorArguments: initCodeOf(step, modules).slice(artifact.bytecode.length),
      input: inputFor(artifact.inputSourceName, step.name, input),
    })
  }
  return found
}

/** Writes `<Contract>.json` for each contract. */
export async function writeVerifications(
  folder: string,
  found: ReadonlyMap<ModuleName, Verification>,
): Promise<void> {
  for (const [name, verification] of found) await writeWhole(join(folder, `${name}.json`), verification)
}

/** Paths of the artifacts by contract name. */
function artifactPaths(): ReadonlyMap<string, string> {
  const paths = globSync('contracts/src/**/*.sol/*.json', { cwd: artifactFolder })
  return new Map(paths.map((path) => [posix.basename(path, '.json'), join(artifactFolder, path)]))
}

async function readArtifact(name: ModuleName, paths: ReadonlyMap<string, string>): Promise<Artifact> {
  const path = paths.get(name)
  const text = path && (await readOptional(path))
  const artifact = text ? (JSON.parse(text) as Artifact) : undefined
  if (artifact?.bytecode === deployables[name].bytecode) return artifact
  const message = `${name} was not compiled, or from other sources than what is deployed. Run: npm run generate`
  throw new DuckMeshError('BAD_CONFIG', message, { module: name })
}

/** What the compiler got, without the sources that the contract does not use. */
function inputFor(source: string, contract: string, whole: CompilerInput): CompilerInput {
  const needed = new Set<string>()
  const visit = (name: string) => {
    if (needed.has(name)) return
    needed.add(name)
    for (const [, path] of whole.sources[name]!.content.matchAll(/^import\s[^"']*["']([^"']+)["']/gm))
      visit(sourceName(path!, name, whole.settings.remappings ?? []))
  }
  visit(source)
  return {
    language: whole.language,
    sources: Object.fromEntries([...needed].toSorted().map((name) => [name, whole.sources[name]!])),
    settings: {
      ...whole.settings,
      outputSelection: { [source]: { [contract]: ['abi', 'evm.bytecode.object'] } },
    },
  }
}

/** Resolves an import as solc does: relative to its file, else by the remapping for the context of that file. */
function sourceName(path: string, from: string, remappings: string[]): string {
  if (path.startsWith('.')) return posix.join(posix.dirname(from), path)
  for (const remapping of remappings) {
    const [, context = '', prefix = '', target = ''] = remapping.match(/^(?:(.*):)?(.*)=(.*)$/) ?? []
    if (from.startsWith(context) && path.startsWith(prefix)) return target + path.slice(prefix.length)
  }
  return path
}
