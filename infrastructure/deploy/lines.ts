import type { DuckMeshError } from '@duckmesh/protocol'
import { formatEther } from 'viem'
import type { Progress } from './deploy.ts'

const MARKS = { found: '·', planned: '?', signed: '…', made: '✓', pending: '!' } as const

/** One line about one contract or call. */
export function progressLine({ name, kind, address, gas, costWei }: Progress): string {
  const parts = [
    `  ${MARKS[kind]} ${name.padEnd(22)}`,
    (address ?? '').padEnd(42),
    gas === undefined ? '' : `${gas} gas`,
    costWei === undefined ? '' : `${formatEther(costWei)} ETH`,
    kind === 'made' ? '' : kind,
  ]
  return parts.join('  ').trimEnd()
}

/** The differences that an error names, a line each. */
export function faultLines({ details }: DuckMeshError): string[] {
  const faults = Array.isArray(details.faults) ? details.faults : []
  return faults.map(
    ({ module, read, expected, found }) => `${module}.${read}: ${found} instead of ${expected}`,
  )
}
