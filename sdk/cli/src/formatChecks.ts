import type { Check } from '@duckmesh/sdk'
import { formatTable } from './formatTable.ts'
import type { Output } from './output.ts'

/** Named checks, one a line. */
export function formatChecks(checks: readonly Check[], { colours }: Output): string {
  return formatTable(
    checks.map(({ name, ok, detail }) => [ok ? colours.green('ok') : colours.red('FAILED'), name, detail]),
  )
}
