import { DuckMeshError } from '@duckmesh/protocol'
import { deployables } from '@duckmesh/protocol/bytecode'
import type { Address, PublicClient } from 'viem'
import { type Check, checksOf } from './checks.ts'
import { addressIn, type Modules } from './plan.ts'
import type { Settings } from './settings.ts'

/** One thing on chain that is not what the settings say. */
export type Fault = { module: string; read: string; expected: string; found: string }

/**
 * Reads back what was deployed and compares it with the settings. What a vote has changed since then is a fault too:
 * the settings are no longer what is true.
 * @returns every difference; none when all is well
 */
export async function examine(
  reader: PublicClient,
  settings: Settings,
  deployer: Address,
  modules: Modules,
): Promise<Fault[]> {
  const missing = await withoutCode(reader, modules)
  if (missing.length > 0) return missing
  const checks = checksOf(settings, deployer, modules)
  const found = await Promise.all(checks.map((check) => readBack(reader, modules, check)))
  const faults = checks.flatMap(({ module, read, args = [], expected }, index) => {
    const is = plain(found[index])
    const wanted = plain(expected)
    return is === wanted
      ? []
      : [{ module, read: `${read}(${args.map(plain).join(', ')})`, expected: wanted, found: is }]
  })
  return [...faults, ...(await wrongVerifiers(reader, settings, modules))]
}

/** Like {@link examine}. @throws DuckMeshError `DEPLOYMENT_DIFFERS` with `details.faults` */
export async function requireSound(...args: Parameters<typeof examine>): Promise<void> {
  const faults = await examine(...args)
  if (faults.length === 0) return
  const first = faults[0]!
  const message = `${first.module}.${first.read} is ${first.found}, not ${first.expected}; ${faults.length} in all.`
  throw new DuckMeshError('DEPLOYMENT_DIFFERS', message, { faults })
}

async function withoutCode(reader: PublicClient, modules: Modules): Promise<Fault[]> {
  const entries = Object.entries(modules)
  const codes = await Promise.all(entries.map(([, address]) => reader.getCode({ address })))
  return entries.flatMap(([module, address], index) =>
    codes[index] === undefined
      ? [{ module, read: 'code', expected: `a contract at ${address}`, found: 'none' }]
      : [],
  )
}

async function readBack(reader: PublicClient, modules: Modules, check: Check): Promise<unknown> {
  const { module, read, args = [], abi = deployables[module].abi, take = (answer) => answer } = check
  const address = addressIn(modules)(module)
  try {
    return take(await reader.readContract({ address, abi, functionName: read, args } as never))
  } catch (error) {
    return `no answer: ${(error as Error).message.split('\n')[0]}`
  }
}

/** Equal texts for equal values, however they were built. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, field]) => `${key}: ${plain(field)}`).join(', ')}}`
  }
  return typeof value === 'string' && value.startsWith('0x') ? value.toLowerCase() : String(value)
}

/** Entries of the router that mean something else than the settings say. One that is not there yet is pending. */
async function wrongVerifiers(reader: PublicClient, settings: Settings, modules: Modules): Promise<Fault[]> {
  const at = addressIn(modules)
  const faults: Fault[] = []
  for (const { selector, adapter, gasCap, metadata } of settings.verifiers) {
    const read = `entryOf(${selector})`
    const entry = await reader.readContract({
      address: at('VerifierRouter'),
      abi: deployables.VerifierRouter.abi,
      functionName: 'entryOf',
      args: [selector],
    })
    if (entry.state === 0) continue
    const { state, ...is } = { ...entry, agentProofProfile: undefined }
    const expected = plain({ adapter: at(adapter), gasCap, metadata, agentProofProfile: undefined })
    if (plain(is) !== expected) faults.push({ module: 'VerifierRouter', read, expected, found: plain(is) })
    else if (state !== 1)
      faults.push({ module: 'VerifierRouter', read, expected: 'active', found: 'tombstoned' })
  }
  return faults
}
