import { join } from 'node:path'
import { addressSchema, DuckMeshError, type MeshDeployment, setupFitsChain } from '@duckmesh/protocol'
import { z } from 'zod'
import type { Fault } from './doctor.ts'
import { readOptional, writeWhole } from './journal.ts'
import type { Modules } from './plan.ts'

const recordSchema = z.object({
  chainId: z.int(),
  network: z.string(),
  meshBlock: z.int(),
  modules: z.object({ DuckToken: addressSchema, DuckMesh: addressSchema }).catchall(addressSchema),
})

/** Whether a chain is of one machine: its addresses are nobody else's business. */
export const isLocalChain = (chainId: number): boolean => setupFitsChain('dev-insecure', chainId)

/** Where a run reads and writes. */
export type Folders = {
  /** Checkout: holds the records of real networks and the input for block explorers. */
  root: string
  /** Data folder: holds the records of chains on one machine, and what a run leaves to the next. */
  stateDir: string
}

/** Paths of everything that a deployment leaves. */
export function pathsOf(chainId: number, { root, stateDir }: Folders) {
  const inState = (name: string) => join(stateDir, 'deployments', name)
  const record = `${chainId}.json`
  return {
    record: isLocalChain(chainId)
      ? inState(record)
      : join(root, 'protocol/src/generated/deployments', record),
    journal: inState(`${chainId}.journal.json`),
    proposal: inState(`${chainId}.proposal.json`),
    verification: join(root, 'contracts/.verification', String(chainId)),
  }
}

/** The record; undefined when nothing was deployed. */
export async function readRecord(path: string): Promise<MeshDeployment | undefined> {
  const text = await readOptional(path)
  return text === undefined ? undefined : recordSchema.parse(JSON.parse(text))
}

/** Writes the record whole or not at all. */
export const writeRecord = (path: string, record: MeshDeployment): Promise<void> => writeWhole(path, record)

/**
 * Refuses to put another deployment in the place of the recorded one.
 * @throws DuckMeshError `DEPLOYMENT_DIFFERS` that names each module whose address would be another
 */
export function requireSameAddresses(record: MeshDeployment, modules: Modules): void {
  const names = new Set([...Object.keys(record.modules), ...Object.keys(modules)])
  const faults: Fault[] = []
  for (const module of names) {
    const expected = modules[module as keyof Modules] ?? 'none'
    const found = record.modules[module] ?? 'none'
    if (expected !== found) faults.push({ module, read: 'address', expected, found })
  }
  if (faults.length === 0) return
  const which = faults.map(({ module }) => module).join(', ')
  const message = `Settings or code have changed since chain ${record.chainId} was deployed to: ${which} would be elsewhere. To deploy anew, move the old record away.`
  throw new DuckMeshError('DEPLOYMENT_DIFFERS', message, { faults })
}
